"""All checks: ``ALL`` lists every one once, by topic in the order of the documentation."""

from scanner.checks import (
    accounts,
    audit,
    clock,
    defence,
    empty_login,
    files,
    filter,  # noqa: A004 - the topic's name
    filter_reach,
    instance,
    jobs,
    kernel,
    log,
    login,
    password,
    service,
    session,
    sources,
    sshd,
    storage,
    sudo,
    tunnel,
    updates,
    vulnerability,
    wire,
)
from scanner.checks.check import Check, NoParameters

ALL: tuple[Check, ...] = (
    *sshd.CHECKS,
    *sources.CHECKS,
    *accounts.CHECKS,
    *empty_login.CHECKS,
    *password.CHECKS,
    *session.CHECKS,
    *login.CHECKS,
    *sudo.CHECKS,
    *files.CHECKS,
    *service.CHECKS,
    *instance.CHECKS,
    *filter.CHECKS,
    *filter_reach.CHECKS,
    *log.CHECKS,
    *audit.CHECKS,
    *clock.CHECKS,
    *tunnel.CHECKS,
    *defence.CHECKS,
    *kernel.CHECKS,
    *updates.CHECKS,
    *storage.CHECKS,
    *jobs.CHECKS,
    *vulnerability.CHECKS,
    *wire.CHECKS,
)

__all__ = ["ALL", "Check", "NoParameters"]
