"""Cases of the topic daemon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.facts import (
    Account,
    Accounts,
    Admission,
    ContainerApi,
    ContainerApis,
    ContainerRights,
    ContainerSocket,
    ContainerSockets,
    Group,
    Groups,
    NfsShares,
    PasswordState,
    RunningContainer,
    Share,
    SmbShares,
    SnmpAgent,
    SnmpCommunity,
)
from tests.checks.build import SEEN, Case, at, both, filtering

if TYPE_CHECKING:
    from scanner.facts import Fact

WIDE, NAMED, LOCAL, UNKNOWN = Admission.ANYWHERE, Admission.NAMED, Admission.LOCAL, Admission.UNKNOWN


def community(
    *, default: bool | None = True, lets_in: bool | None = True, sources: Admission = WIDE
) -> SnmpCommunity:
    return SnmpCommunity(default, lets_in, False, sources, at("snmpd-files"))


def agent(*communities: SnmpCommunity, reachable: bool | None = True, unread: str = "") -> SnmpAgent:
    return SnmpAgent(SEEN, True, reachable, communities, unread)


NO_AGENT = SnmpAgent(SEEN, running=False, reachable=None, communities=(), unread="")

_DEFAULT = (
    ("yes", "version 3 only", agent()),
    ("yes", "another word", agent(community(default=False))),
    ("yes", "a default word for the host itself", agent(community(sources=LOCAL))),
    ("no", "a default word", agent(community(default=False), community())),
    ("n/a", "no agent", NO_AGENT),
    ("n/a", "loopback only", agent(community(), reachable=False)),
    ("unseen", "whose sockets not seen", agent(community(), reachable=None)),
    ("unseen", "a default word for one network", agent(community(sources=NAMED))),
    ("unseen", "a rule before it", agent(community(lets_in=None))),
    ("unseen", "a word that was not masked", agent(community(default=None))),
    ("unseen", "a file not read", agent(unread="/srv/snmpd.conf is not read")),
)
_CLEAR = (
    ("yes", "version 3 only", agent()),
    ("no", "any community", agent(community(default=False))),
    ("no", "a community for one network", agent(community(sources=NAMED))),
    ("n/a", "no agent", NO_AGENT),
    ("n/a", "loopback only", agent(community(), reachable=False)),
    ("unseen", "whose sockets not seen", agent(community(), reachable=None)),
    ("unseen", "a view not worked out", agent(community(lets_in=None))),
    ("unseen", "a file not read", agent(unread="more")),
    ("yes", "for the host itself", agent(community(sources=LOCAL))),
)


def share(*, anonymous: bool | None = False, sources: Admission = WIDE, superuser: bool = False) -> Share:
    return Share("pub", anonymous, sources, True, superuser, at("files"))


def nfs(*shares: Share, unread: str = "") -> NfsShares:
    return NfsShares(SEEN, True, shares, unread)


def smb(*shares: Share, unread: str = "") -> SmbShares:
    return SmbShares(SEEN, True, shares, unread)


NO_NFS, NO_SMB = NfsShares(SEEN, False, (), ""), SmbShares(SEEN, False, (), "")
OPEN, FILTERED = filtering(), filtering(*both())
GUEST = share(anonymous=True)
ROOT = share(anonymous=True, superuser=True)

_SHARES: tuple[tuple[str, str, tuple[Fact, ...]], ...] = (
    ("yes", "all ask for proof", (nfs(share(sources=NAMED)), smb(share()), OPEN)),
    ("yes", "shares and no filter seen", (NO_NFS, smb(share()))),
    ("no", "a guest", (NO_NFS, smb(share(), GUEST), FILTERED)),
    ("no", "a guest, and NFS not seen", (smb(GUEST), FILTERED)),
    ("no", "exported to all and nothing filters", (nfs(GUEST), NO_SMB, OPEN)),
    ("unseen", "exported to all behind a filter", (nfs(GUEST), NO_SMB, FILTERED)),
    ("unseen", "exported to all, filter not seen", (nfs(GUEST), NO_SMB)),
    ("unseen", "a guest from one network", (NO_NFS, smb(share(anonymous=True, sources=NAMED)), OPEN)),
    ("unseen", "a guest among certain users", (NO_NFS, smb(share(anonymous=None)), OPEN)),
    ("unseen", "a guest from who knows where", (NO_NFS, smb(share(anonymous=True, sources=UNKNOWN)), OPEN)),
    ("unseen", "the registry not read", (NO_NFS, smb(unread="registry"), OPEN)),
    ("unseen", "Samba not seen", (NO_NFS, OPEN)),
    ("unseen", "nothing seen", (OPEN,)),
    ("n/a", "neither runs", (NO_NFS, NO_SMB, OPEN)),
    ("yes", "a guest on the host itself", (NO_NFS, smb(share(anonymous=True, sources=LOCAL)), OPEN)),
)
_SQUASHED: tuple[tuple[str, str, tuple[Fact, ...]], ...] = (
    ("yes", "squashed", (nfs(share()), OPEN)),
    ("no", "root of all", (nfs(ROOT), OPEN)),
    ("unseen", "root of all behind a filter", (nfs(ROOT), FILTERED)),
    ("unseen", "root of certain clients", (nfs(share(sources=NAMED, superuser=True)), OPEN)),
    ("unseen", "another server", (nfs(unread="ganesha.nfsd"), OPEN)),
    ("n/a", "not running", (NO_NFS, OPEN)),
)


def api(*, authenticated: bool | None) -> ContainerApi:
    return ContainerApi("dockerd", authenticated, "tcp://0.0.0.0:2375", at("service-daemons"))


def apis(*found: ContainerApi, running: tuple[str, ...] = ("dockerd",)) -> ContainerApis:
    return ContainerApis(SEEN, running, found)


_APIS = (
    ("yes", "no way by network", apis()),
    ("yes", "certificates", apis(api(authenticated=True))),
    ("no", "open", apis(api(authenticated=True), api(authenticated=False), api(authenticated=None))),
    ("unseen", "rules of the cluster", apis(api(authenticated=True), api(authenticated=None))),
    ("n/a", "nothing runs", apis(running=())),
)


def socket(mode: int = 0o660, gid: int = 998, uid: int = 0) -> ContainerSockets:
    return ContainerSockets(
        SEEN, (ContainerSocket("/run/docker.sock", mode, uid, gid, at("container-sockets")),)
    )


def account(name: str, uid: int, gid: int) -> Account:
    here = at("accounts")
    return Account(name, uid, gid, "/bin/bash", here, PasswordState.LOCKED, "", None, None, None, None, here)


def groups(*members: str) -> Groups:
    return Groups(SEEN, (Group("root", 0, (), at("groups")), Group("docker", 998, members, at("groups"))))


PEOPLE = Accounts(SEEN, (account("root", 0, 0), account("toor", 0, 0), account("ops", 1000, 1000)))

_SOCKETS: tuple[tuple[str, str, tuple[Fact, ...]], ...] = (
    ("yes", "an empty group", (socket(), groups(), PEOPLE)),
    ("yes", "another super-user in the group", (socket(), groups("root", "toor"), PEOPLE)),
    ("yes", "root alone, and no groups seen", (socket(0o600),)),
    ("yes", "the group of root, and no groups seen", (socket(gid=0),)),
    ("no", "an account in the group", (socket(), groups("root", "ops"), PEOPLE)),
    (
        "no",
        "an account's own group",
        (socket(), groups(), Accounts(SEEN, (*PEOPLE.accounts, account("ci", 1001, 998)))),
    ),
    ("no", "everybody", (socket(0o666),)),
    ("unseen", "groups not seen", (socket(), PEOPLE)),
    ("unseen", "a group of another source", (socket(gid=5000), groups(), PEOPLE)),
    ("n/a", "none", (ContainerSockets(SEEN, ()), groups(), PEOPLE)),
    ("n/a", "one of a plain account", (socket(0o666, uid=1000), groups(), PEOPLE)),
)


def containers(*held: tuple[str, ...] | None) -> ContainerRights:
    named = (RunningContainer(f"docker:{n}", names, at("container-rights")) for n, names in enumerate(held))
    return ContainerRights(SEEN, tuple(named))


STRONG: tuple[str, ...] = ("SYS_ADMIN",)
PLAIN: tuple[str, ...] = ()

_RIGHTS = (
    ("yes", "the usual ones", containers(PLAIN, PLAIN)),
    ("no", "one of two", containers(PLAIN, STRONG)),
    ("no", "one, and one that ended", containers(None, STRONG)),
    ("unseen", "one ended meanwhile", containers(PLAIN, None)),
    ("n/a", "none runs", containers()),
)

CASES = (
    *(Case("snmp.no-default-community", name, answer, (fact,)) for answer, name, fact in _DEFAULT),
    *(Case("snmp.no-clear-version", name, answer, (fact,)) for answer, name, fact in _CLEAR),
    *(Case("share.no-anonymous", name, answer, facts) for answer, name, facts in _SHARES),
    *(Case("share.superuser-squashed", name, answer, facts) for answer, name, facts in _SQUASHED),
    *(Case("container.api-protected", name, answer, (fact,)) for answer, name, fact in _APIS),
    *(Case("container.socket-restricted", name, answer, facts) for answer, name, facts in _SOCKETS),
    *(Case("container.rights-restricted", name, answer, (fact,)) for answer, name, fact in _RIGHTS),
)
