"""Linux: its steps and pure readers, one module a topic."""

from collectors.base import Platform
from collectors.platforms.linux import (
    accounts,
    audit,
    clock,
    host,
    log,
    packetfilter,
    pam_lockout,
    pam_quality,
    session,
    sockets,
    sshd,
    tunnel,
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
        *sockets.STEPS,
        *packetfilter.STEPS,
        *log.STEPS,
        *audit.STEPS,
        *clock.STEPS,
        *tunnel.STEPS,
    ),
    readers=(
        *host.READERS,
        *sshd.READERS,
        *wrappers.READERS,
        *accounts.READERS,
        *pam_quality.READERS,
        *pam_lockout.READERS,
        *session.READERS,
        *sockets.READERS,
        *packetfilter.READERS,
        *log.READERS,
        *audit.READERS,
        *clock.READERS,
        *tunnel.READERS,
    ),
    refusals=host.REFUSALS,
)
