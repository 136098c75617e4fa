"""Cases of the topics login, sudo and files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from scanner.facts import (
    Account,
    Accounts,
    Fact,
    FileAccess,
    FileMask,
    FileTrace,
    Group,
    Groups,
    InetService,
    InetServices,
    LastLogin,
    LastLogins,
    LoginFactors,
    LoginWay,
    MandatoryAccess,
    ProtectedFiles,
    SudoDefault,
    SudoRule,
    SudoRules,
    TrustFiles,
)
from scanner.model import Citation
from tests.checks.build import ANN, SEEN, Case, account, accounts, at, matched, sources, sshd, value

# --- proofs ----------------------------------------------------------------------------------------


def factors(*ways: tuple[str, int | None]) -> LoginFactors:
    return LoginFactors(SEEN, tuple(LoginWay(name, proofs, at("sshd")) for name, proofs in ways))


FACTORS = (
    ("yes", "two on every way", factors(("publickey, keyboard-interactive", 2), ("password", 2))),
    ("no", "one way takes one", factors(("publickey, password", 2), ("publickey", 1))),
    ("no", "one way takes one, another is not known", factors(("password", None), ("publickey", 1))),
    ("unseen", "a stack that is not known", factors(("publickey, password", 2), ("password", None))),
    ("unseen", "no way in", factors()),
)

# --- use of accounts -------------------------------------------------------------------------------

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TODAY = int(NOW.timestamp() // 86400)


def days(name: str, ago: int | None) -> LastLogin:
    return LastLogin(name, None if ago is None else NOW - timedelta(days=ago), at("lastlog"))


def logins(*known: LastLogin) -> LastLogins:
    return LastLogins(SEEN, (days("root", 1), *known), NOW)


def changed(who: Account, ago: int | None, **about: int | None) -> Account:
    return replace(who, last_change=None if ago is None else TODAY - ago, **about)  # type: ignore[arg-type]


def people(*them: Account) -> Accounts:
    return replace(accounts(), accounts=(*accounts().accounts[:3], *them))


USE = (
    ("yes", "used at the limit", (people(changed(ANN, 400)), logins(days("ann", 180)))),
    ("yes", "never used, but new", (people(changed(ANN, 20)), logins(days("ann", None)))),
    ("yes", "expired", (people(changed(ANN, 400, expires=TODAY)), logins(days("ann", None)))),
    ("yes", "no shell", (people(changed(account("bob", 1002), 900)), logins(days("bob", None)))),
    ("no", "unused", (people(changed(ANN, 400)), logins(days("ann", 181)))),
    ("no", "never used, and old", (people(changed(ANN, 400)), logins())),
    ("no", "expires tomorrow", (people(changed(ANN, 400, expires=TODAY + 1)), logins(days("ann", 181)))),
    ("unseen", "never used, age not known", (people(changed(ANN, None)), logins(days("ann", None)))),
    ("unseen", "nobody was ever recorded", (people(ANN), LastLogins(SEEN, (days("ann", None),), NOW))),
    ("unseen", "not the whole list", (replace(accounts(), accounts=()), logins())),
)

# --- labels ----------------------------------------------------------------------------------------

LABELS = (
    ("yes", "enforcing", MandatoryAccess(SEEN, ("capability", "selinux"), True)),
    ("yes", "enforcing, modules not listed", MandatoryAccess(SEEN, None, True)),
    ("no", "permissive", MandatoryAccess(SEEN, ("capability", "selinux"), False)),
    ("no", "without labels", MandatoryAccess(SEEN, ("lockdown", "capability", "yama", "apparmor"), None)),
    ("unseen", "a module that is not known", MandatoryAccess(SEEN, ("capability", "kysec"), None)),
    ("unseen", "permissive beside one that is not known", MandatoryAccess(SEEN, ("kysec", "selinux"), False)),
    ("unseen", "modules not listed", MandatoryAccess(SEEN, None, None)),
)

# --- sudo ------------------------------------------------------------------------------------------


def rule(
    users: str, command: str, *, run_as: str = "", asks: bool | None = None, negated: bool = False
) -> SudoRule:
    who, run = tuple(users.split()), tuple(run_as.split())
    return SudoRule(who, ("ALL",), run, (), asks, (), command, negated, at("sudoers"))


def sudo(*rules: SudoRule, off: str | None = None, refused: tuple[Citation, ...] = ()) -> SudoRules:
    settings = () if off is None else (SudoDefault(off, "authenticate", False, "", at("sudoers")),)
    root = rule("root", "ALL", run_as="ALL")
    return SudoRules(SEEN, (root, *rules), settings, (), refused)


ADMINS = rule("%sudo", "ALL", run_as="ALL")
FREE = rule("li", "ALL", run_as="ALL", asks=False)
PASSWORD = (
    ("yes", "as delivered", sudo(ADMINS)),
    ("yes", "an exact command line", sudo(rule("scan", "/usr/sbin/sshd -T", asks=False))),
    ("yes", "a star behind a backslash", sudo(rule("scan", r"/usr/bin/find /etc -name \*.conf", asks=False))),
    ("yes", "overruled later", sudo(FREE, rule("li", "ALL", run_as="ALL"))),
    ("yes", "root himself", sudo(rule("root", "ALL", asks=False))),
    ("yes", "forbidden without password", sudo(replace(FREE, negated=True))),
    ("no", "everything", sudo(FREE)),
    ("no", "any arguments", sudo(rule("li", "/usr/bin/systemctl", asks=False))),
    ("no", "a pattern", sudo(rule("li", "/usr/bin/cat /var/log/*", asks=False))),
    ("no", "a folder", sudo(rule("li", "/usr/local/bin/", asks=False))),
    ("no", "overruled for somebody else only", sudo(FREE, rule("wang", "ALL", run_as="ALL"))),
    ("no", "repeated later", sudo(FREE, FREE)),
    ("no", "overruled for one command only", sudo(FREE, rule("li", "/usr/bin/id -u", run_as="ALL"))),
    ("no", "overruled for another target only", sudo(FREE, rule("li", "ALL", run_as="www-data"))),
    ("no", "switched off for all", sudo(ADMINS, off="")),
    ("no", "switched off for one", sudo(ADMINS, off=":li")),
    ("no", "everything, beside a refused line", sudo(FREE, refused=(at("sudoers", 9),))),
    ("unseen", "a refused line", sudo(ADMINS, refused=(at("sudoers", 9),))),
)


def groups(**members: str) -> Groups:
    named = {"root": "", "sudo": ""} | members
    made = tuple(Group(n, 20 + i, tuple(m.split()), at("group")) for i, (n, m) in enumerate(named.items()))
    return Groups(SEEN, made)


UNLIMITED = (
    ("yes", "a group without members", (sudo(ADMINS), groups(), accounts())),
    ("yes", "a group that does not exist", (sudo(rule("%wheel", "ALL", run_as="ALL")), groups(), accounts())),
    ("yes", "only as another user", (sudo(rule("li", "ALL", run_as="www-data")), groups(), accounts())),
    ("yes", "not as root", (sudo(rule("li", "ALL", run_as="ALL !root")), groups(), accounts())),
    ("yes", "one command", (sudo(rule("li", "/usr/bin/cat /etc/motd", run_as="root")), groups(), accounts())),
    ("no", "somebody", (sudo(rule("li", "ALL")), groups(), accounts())),
    ("no", "everybody", (sudo(rule("ALL", "ALL", run_as="ALL")), groups(), accounts())),
    ("no", "a group with members", (sudo(ADMINS), groups(sudo="ann"), accounts())),
    (
        "no",
        "a member by his primary group",
        (sudo(ADMINS), groups(), accounts(replace(ANN, name="bob", gid=21))),
    ),
    ("no", "somebody, beside a refused line", (sudo(rule("li", "ALL"), refused=SEEN), groups(), accounts())),
    ("unseen", "members not seen", (sudo(ADMINS),)),
    ("unseen", "groups not seen", (sudo(ADMINS), accounts())),
    ("unseen", "primary groups not seen", (sudo(ADMINS), groups())),
    ("unseen", "members of a directory", (sudo(ADMINS), groups(), accounts(), sources("group sss"))),
    ("yes", "no group is trusted", (sudo(), groups(), accounts(), sources("group sss", "passwd sss"))),
    ("unseen", "rules of a directory", (sudo(), groups(), accounts(), sources("sudoers sss"))),
    ("unseen", "a netgroup", (sudo(rule("+ops", "ALL")), groups(), accounts())),
    ("unseen", "a refused line", (sudo(refused=SEEN), groups(), accounts())),
)

# --- files -----------------------------------------------------------------------------------------


def files(*more: tuple[str, int, int, int]) -> ProtectedFiles:
    usual = (("/etc/passwd", 0o644, 0, 0), ("/etc/shadow", 0o640, 0, 42), ("/etc/cron.d/", 0o755, 0, 0))
    changed_paths = {path for path, *_ in more}
    found = (*(entry for entry in usual if entry[0] not in changed_paths), *more)
    return ProtectedFiles(SEEN, tuple(FileAccess(p, m, u, g, at(p)) for p, m, u, g in found))


NAMES = Groups(
    SEEN, tuple(Group(n, g, (), at("group")) for n, g in (("root", 0), ("shadow", 42), ("ops", 900)))
)
PROTECTED = (
    ("yes", "as delivered", (files(), NAMES)),
    ("yes", "group root may write", (files(("/etc/crontab", 0o664, 0, 0)), NAMES)),
    ("yes", "nobody may read", (files(("/etc/shadow", 0, 0, 0)), NAMES)),
    ("no", "others may write", (files(("/etc/passwd", 0o646, 0, 0)), NAMES)),
    ("no", "a group may write", (files(("/etc/group", 0o664, 0, 900)), NAMES)),
    ("no", "another owner", (files(("/etc/sudoers.d/", 0o755, 900, 0)), NAMES)),
    ("no", "hashes for everybody's eyes", (files(("/etc/shadow", 0o644, 0, 42)), NAMES)),
    ("no", "hashes for a group's eyes", (files(("/etc/shadow-", 0o640, 0, 900)), NAMES)),
    ("no", "a key for everybody's eyes", (files(("/etc/ssh/ssh_host_rsa_key", 0o644, 0, 0)), NAMES)),
    (
        "yes",
        "a public key for everybody's eyes",
        (files(("/etc/ssh/ssh_host_rsa_key.pub", 0o644, 0, 0)), NAMES),
    ),
    ("no", "a folder that others may write", (files(("/etc/cron.d/", 0o777, 0, 0)), NAMES)),
    ("unseen", "no passwd", (ProtectedFiles(SEEN, ()), NAMES)),
    ("unseen", "groups not seen", (files(),)),
)


def trust(*paths: str) -> TrustFiles:
    return TrustFiles(SEEN, tuple(FileTrace(path, at(path)) for path in paths))


def inetd(*names: str) -> InetServices:
    made = (
        InetService(name.removeprefix("#"), "tcp", not name.startswith("#"), at("inetd")) for name in names
    )
    return InetServices(SEEN, tuple(made))


RHOSTS = trust("/root/.rhosts")
TRUST = (
    ("yes", "none", (trust(),)),
    ("yes", "nothing obeys it", (RHOSTS, sshd(), inetd("telnet", "#shell"))),
    ("no", "SSH obeys it", (RHOSTS, sshd(hostbasedauthentication="yes"), inetd())),
    ("no", "SSH obeys it for some", (RHOSTS, matched(sshd(), hostbasedauthentication="yes"), inetd())),
    ("no", "rsh obeys it", (RHOSTS, sshd(), inetd("shell"))),
    ("no", "rsh by its port", (RHOSTS, sshd(), inetd("514"))),
    ("no", "rlogin obeys it, SSH not seen", (RHOSTS, inetd("in.rlogind"))),
    ("unseen", "SSH not seen", (RHOSTS, inetd())),
    ("unseen", "SSH names no such setting", (RHOSTS, sshd(("hostbasedauthentication",)), inetd())),
    ("unseen", "other servers not seen", (RHOSTS, sshd())),
)


def mask(*masks: int) -> FileMask:
    return FileMask(SEEN, tuple(value(one, "profile") for one in masks), ())


MASKS = (
    ("yes", "as delivered", mask(0o022)),
    ("yes", "strict", mask(0o027, 0o077)),
    ("no", "the group may write", mask(0o002)),
    ("no", "whatever happens", mask(0o002, 0o000)),
    ("unseen", "by a condition", mask(0o002, 0o022)),
)

_ONE = {
    "login.two-factor": FACTORS,
    "access.labels-enforced": LABELS,
    "sudo.password-asked": PASSWORD,
    "files.mask-restrictive": MASKS,
}
_SEVERAL: Mapping[str, Sequence[tuple[str, str, tuple[Fact, ...]]]] = {
    "accounts.none-unused": USE,
    "sudo.no-unlimited-rights": UNLIMITED,
    "files.account-files-protected": PROTECTED,
    "files.trust-refused": TRUST,
}

CASES = (
    *(Case(check, name, said, (fact,)) for check, rows in _ONE.items() for said, name, fact in rows),
    *(Case(check, name, said, facts) for check, rows in _SEVERAL.items() for said, name, facts in rows),
    *(Case(check, "gap", "unseen") for check in (*_ONE, *_SEVERAL)),
)
