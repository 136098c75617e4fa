"""A yes about all accounts does not outlive accounts that come from elsewhere; a no does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from scanner.checks import ALL
from scanner.facts import Accounts, AccountSources, ContainerSocket, ContainerSockets, Group, Groups
from scanner.model import Answer, Gap, GapReason
from tests.checks.access_cases import groups, sudo
from tests.checks.build import ANN, SEEN, accounts, ask, at, sources
from tests.checks.test_judges import CASES

if TYPE_CHECKING:
    from scanner.facts import Fact
    from tests.checks.build import Case

ASKING = [check for check in ALL if AccountSources in check.also]
OF_ACCOUNTS = [check.id for check in ASKING if check.needs == (Accounts,)]
ROWS = [case for case in CASES if case.check in {check.id for check in ASKING}]
SSS = sources("passwd sss", "shadow sss", "group sss", "sudoers sss")


def _id(case: Case) -> str:
    return f"{case.check}: {case.name}"


def test_every_check_that_needs_the_accounts_asks() -> None:
    assert {check.id for check in ALL if Accounts in check.needs} <= {check.id for check in ASKING}


@pytest.mark.parametrize("check", OF_ACCOUNTS)
def test_accounts_of_a_directory_leave_it_open(check: str) -> None:
    alone = ask(check, accounts(), sources())
    assert alone.answer is Answer.YES
    assert set(SEEN) <= set(alone.citations)
    for elsewhere in (sources("passwd sss"), sources("shadow ldap")):
        outcome = ask(check, accounts(), elsewhere)
        assert outcome.answer is Answer.UNSEEN
        assert elsewhere.elsewhere[0].at in outcome.citations
    assert ask(check, accounts(), sources("sudoers sss", "group sss")).answer is Answer.YES


@pytest.mark.parametrize("case", ROWS, ids=_id)
@pytest.mark.parametrize("sure", [False, True], ids=["not seen", "elsewhere"])
def test_no_answer_but_a_yes_changes(case: Case, *, sure: bool) -> None:
    before = ask(case.check, *case.facts)
    gaps: dict[type[Fact], Gap] = {} if sure else {AccountSources: Gap(GapReason.PERMISSION)}
    after = ask(case.check, *case.facts, *([SSS] if sure else []), gaps=gaps)
    if before.answer is Answer.YES:
        assert after.answer in {Answer.YES, Answer.UNSEEN}
    else:
        assert after.answer is before.answer


@pytest.mark.parametrize("check", OF_ACCOUNTS)
def test_a_gap_leaves_it_open(check: str) -> None:
    gap = Gap(GapReason.PERMISSION, "name-services")
    outcome = ask(check, accounts(), gaps={AccountSources: gap})
    assert outcome.answer is Answer.UNSEEN
    assert outcome.gap == gap


def test_what_is_found_in_the_files_stays_found() -> None:
    toor = replace(ANN, name="toor", uid=0)
    assert ask("accounts.root-only-superuser", accounts(toor), SSS).answer is Answer.NO


def test_rules_of_sudo_in_a_directory_leave_both_questions_open() -> None:
    for check in ("sudo.password-asked", "sudo.no-unlimited-rights"):
        assert ask(check, sudo(), groups(), accounts(), sources("passwd sss")).answer is Answer.YES
        assert ask(check, sudo(), groups(), accounts(), sources("sudoers ldap")).answer is Answer.UNSEEN


def test_a_docker_group_may_have_members_in_a_directory() -> None:
    shared = ContainerSocket("/run/docker.sock", 0o660, 0, 21, at("socket"))
    found = ContainerSockets(SEEN, (shared,))
    docker = Groups(SEEN, (Group("docker", 21, (), at("group")),))
    for elsewhere, answer in ((sources("passwd sss"), Answer.UNSEEN), (sources(), Answer.YES)):
        assert ask("container.socket-restricted", found, docker, accounts(), elsewhere).answer is answer
    alone = ContainerSockets(SEEN, (replace(shared, gid=0),))
    assert (
        ask("container.socket-restricted", alone, docker, accounts(), sources("passwd sss")).answer
        is Answer.YES
    )
