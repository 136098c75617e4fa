"""What the host's own files say of all accounts holds only where accounts come from nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.checks.outcome import listed, through, unsettled
from scanner.model import Answer, Gap, Outcome, Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from scanner.facts import Accounts, AccountSources

ACCOUNTS = frozenset({"passwd", "shadow"})
MEMBERS = frozenset({"passwd", "group", "initgroups"})
SUDO = frozenset({"sudoers"})


def of_all(outcome: Outcome, sources: AccountSources | Gap, databases: frozenset[str]) -> Outcome:
    """Take a yes back where ``databases`` are also fed from elsewhere, or where that was not seen."""
    if outcome.answer is not Answer.YES:
        return outcome
    if isinstance(sources, Gap):
        message = Text(
            zh="未看到账户和授权是否还来自目录服务",
            en="whether accounts and rights come from a directory too was not seen",
        )
        return through(message, sources, outcome.citations)
    asked = [service for service in sources.elsewhere if service.database in databases]
    if asked:
        message = Text(
            zh="本机文件中没有发现问题，但 {what} 还来自本机之外，未看到",
            en="nothing was found in the host's files, but {what} come from elsewhere too: that was not seen",
        ).format(what=listed(f"{service.database}: {service.service}" for service in asked))
        return unsettled(
            message, (s.at for s in asked), needs="a person looks at the accounts and rights of the directory"
        )
    return Outcome.yes(outcome.message, *outcome.citations, *sources.seen)


def over_all(judge: Callable[..., Outcome]) -> Callable[..., Outcome]:
    """A judge of the host's accounts that answers for all accounts there are."""

    def asked(accounts: Accounts, sources: AccountSources | Gap, limits: object) -> Outcome:
        return of_all(judge(accounts, limits), sources, ACCOUNTS)

    return asked
