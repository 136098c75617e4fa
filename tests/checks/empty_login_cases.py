"""Cases of one question: whether an account without a password gets in over SSH."""

from __future__ import annotations

from dataclasses import replace

from scanner.facts import Account, Accounts, EmptyPasswordLogin, Fact, Listeners, PasswordState, SshServer
from scanner.model import Gap, GapReason
from tests.checks.build import SEEN, Case, account, accounts, listeners, matched, socket, sshd

GUEST = account("guest", 1001, PasswordState.EMPTY, program="/bin/bash", max_age=99999)
OPEN = sshd(
    permitemptypasswords="yes", passwordauthentication="yes", usepam="yes", authenticationmethods="any"
)
LISTENING = listeners(socket("tcp 0.0.0.0 22", "sshd"))
TAKES, REFUSES, MAYBE = (EmptyPasswordLogin(SEEN, "sshd", said) for said in (True, False, None))


def case(
    *empty: Account,
    server: SshServer | None = OPEN,
    pam: Fact | None = TAKES,
    running: Fact | None = LISTENING,
) -> tuple[Fact, ...]:
    """Everything lets the guest in but what a case says otherwise; None: it was not seen."""
    there = (accounts(*(empty or (GUEST,))), server, pam, running)
    return tuple(fact for fact in there if fact is not None)


def guest(program: str = "/bin/bash", **about: int | None) -> Account:
    return replace(GUEST, shell=program, **about)  # type: ignore[arg-type]


TOOR = account("toor", 0, PasswordState.EMPTY, program="/bin/bash", max_age=None)
ZSH = account("x", 9, PasswordState.EMPTY, program="/bin/zsh")


WITHOUT_PAM = {"permitemptypasswords": "yes", "passwordauthentication": "yes"}

ROWS: tuple[tuple[str, str, tuple[Fact, ...]], ...] = (
    ("yes", "nobody has an empty password", (accounts(),)),
    ("yes", "an empty password without a shell", case(guest("/usr/sbin/nologin"), server=None)),
    ("yes", "SSH refuses empty passwords", case(server=sshd(), pam=None)),
    ("no", "everything lets it in", case()),
    ("no", "no shell field: sh", case(guest(""))),
    ("no", "without PAM", case(server=sshd(usepam="no", **WITHOUT_PAM), pam=None)),
    ("no", "a server that was built without PAM", case(server=sshd(**WITHOUT_PAM), pam=None)),
    ("no", "an empty AllowUsers", case(server=sshd(allowusers="", usepam="yes", **WITHOUT_PAM))),
    ("no", "a command is forced on it", case(server=matched(OPEN, forcecommand="/bin/date"))),
    ("no", "a second one that is closed", case(GUEST, ZSH)),
    ("no", "root", case(TOOR, server=sshd(permitrootlogin="yes", usepam="yes", **WITHOUT_PAM))),
    ("unseen", "root, but for keys only", case(TOOR)),
    ("unseen", "a Match block refuses them", case(server=matched(OPEN, permitemptypasswords="no"))),
    ("unseen", "a Match block alone takes them", case(server=matched(sshd(usepam="yes"),
                                                                     permitemptypasswords="yes"))),
    ("unseen", "no password logins", case(server=sshd(**{**WITHOUT_PAM, "passwordauthentication": "no"}))),
    ("unseen", "password logins not seen", case(server=sshd(permitemptypasswords="yes"))),
    ("unseen", "AllowUsers", case(server=sshd(allowusers="ops", usepam="yes", **WITHOUT_PAM))),
    ("unseen", "DenyGroups in a Match block", case(server=matched(OPEN, denygroups="guests"))),
    ("unseen", "another PAM stack", case(server=sshd(pamservicename="x", usepam="yes", **WITHOUT_PAM))),
    ("unseen", "a key is asked for as well",
     case(server=matched(OPEN, authenticationmethods="publickey,password"))),
    ("unseen", "PAM refuses empty passwords", case(pam=REFUSES)),
    ("unseen", "PAM may refuse them", case(pam=MAYBE)),
    ("unseen", "PAM not seen", case(pam=None)),
    ("unseen", "whether PAM is used was not seen",
     case(server=replace(sshd(**WITHOUT_PAM), unprinted=Gap(GapReason.PERMISSION, detail="sshd -T")))),
    ("unseen", "the server not seen", case(server=None)),
    ("unseen", "the sockets not seen", case(running=None)),
    ("unseen", "no SSH server runs",
     case(running=Listeners(SEEN, (socket("tcp 0.0.0.0 22", "dropbear"),), owners_visible=True))),
    ("unseen", "the account expires", case(guest(expires=20000))),
    ("unseen", "its password ages", case(guest(max_age=90))),
    ("unseen", "a new password has to be chosen first", case(guest(last_change=0))),
    ("unseen", "a shell that may not be there", case(guest("/usr/bin/fish"))),
    ("unseen", "two accounts of one name", case(GUEST, guest(uid=1002))),
    ("unseen", "the list lacks root", (Accounts(SEEN, (account("a", 5),)),)),
    ("unseen", "the accounts were not seen", ()),
)  # fmt: skip

CASES = tuple(Case("accounts.empty-logins-refused", name, answer, facts) for answer, name, facts in ROWS)
