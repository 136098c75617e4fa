"""Linux: its steps and pure readers, one module a topic."""

from collectors.base import Platform
from collectors.platforms.linux import (
    accounts,
    host,
    pam_lockout,
    pam_quality,
    session,
    sshd,
    wrappers,
)

PLATFORM = Platform(
    name="linux",
    steps=(
        *host.STEPS,
        *sshd.STEPS,
        *wrappers.STEPS,
        *accounts.STEPS,
        *pam_lockout.STEPS,
        *pam_quality.STEPS,
        *session.STEPS,
    ),
    readers=(
        *host.READERS,
        *sshd.READERS,
        *wrappers.READERS,
        *accounts.READERS,
        *pam_quality.READERS,
        *pam_lockout.READERS,
        *session.READERS,
    ),
    refusals=host.REFUSALS,
)
