"""The wire: what an object shows to bounded probes from one vantage; steps and pure readers."""

from collectors.base import Platform
from collectors.platforms.wire import banner, ports, ssh, tls, vpn
from collectors.platforms.wire.steps import STEPS

PLATFORM = Platform(
    name="wire",
    steps=STEPS,
    readers=(*ports.READERS, *banner.READERS, *tls.READERS, *ssh.READERS, *vpn.READERS),
    refusals=(),  # what a host says on the wire is evidence, never a refusal of a command
)
