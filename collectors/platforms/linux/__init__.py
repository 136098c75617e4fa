"""Linux: its steps and pure readers, one module a topic."""

from collectors.base import Platform
from collectors.platforms.linux import host

PLATFORM = Platform(
    name="linux",
    steps=(*host.STEPS,),
    readers=(*host.READERS,),
    refusals=host.REFUSALS,
)
