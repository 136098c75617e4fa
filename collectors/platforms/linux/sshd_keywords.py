"""sshd_config(5): keywords, what their values look like, and defaults that hold since OpenSSH 7.0.

Values are brought into the form in which ``sshd -T`` prints them.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Kind(Enum):
    """What a keyword's arguments are, and what a second line with the same keyword does."""

    FLAG = auto()
    CHOICE = auto()
    TIME = auto()
    NUMBER = auto()
    WORD = auto()
    ALGORITHMS = auto()
    WORDS = auto()  # the first line counts
    GATHERED = auto()  # every line adds
    DEPRECATED = auto()  # ignored by the server


CHOICES: Mapping[str, Mapping[str, str]] = {
    "permitrootlogin": {
        "yes": "yes",
        "no": "no",
        "without-password": "without-password",
        "prohibit-password": "without-password",
        "forced-commands-only": "forced-commands-only",
    },
    "ignorerhosts": {"yes": "yes", "no": "no", "shosts-only": "shosts-only"},
    "compression": {"yes": "yes", "delayed": "yes", "no": "no"},
    "gatewayports": {"yes": "yes", "no": "no", "clientspecified": "clientspecified"},
    "allowtcpforwarding": {"yes": "yes", "all": "yes", "no": "no", "local": "local", "remote": "remote"},
    "allowstreamlocalforwarding": {
        "yes": "yes",
        "all": "yes",
        "no": "no",
        "local": "local",
        "remote": "remote",
    },
    "permittunnel": {
        "yes": "yes",
        "no": "no",
        "point-to-point": "point-to-point",
        "ethernet": "ethernet",
    },
    "addressfamily": {"any": "any", "inet": "inet", "inet6": "inet6"},
}
"""Words of a keyword's closed list, each with the word that the server prints for it."""

_YES_NO = {"yes": "yes", "no": "no"}

_NAMES = {
    Kind.FLAG: """
        usepam permitemptypasswords hostbasedauthentication hostbasedusesnamefrompacketonly
        ignoreuserknownhosts pubkeyauthentication kerberosauthentication kerberosorlocalpasswd
        kerberosticketcleanup kerberosgetafstoken kerberosuniqueccache kerberosusekuserok
        gssapiauthentication gssapicleanupcredentials gssapikeyexchange gssapistrictacceptorcheck
        gssapistorecredentialsonrekey gssapienablek5users passwordauthentication
        kbdinteractiveauthentication printmotd printlastlog x11forwarding x11uselocalhost permittty
        permituserrc strictmodes tcpkeepalive usedns allowagentforwarding disableforwarding
        streamlocalbindunlink exposeauthinfo debianbanner refuseconnection
        """,
    Kind.CHOICE: " ".join(CHOICES),
    Kind.TIME: "logingracetime clientaliveinterval",
    Kind.NUMBER: "maxauthtries maxsessions clientalivecountmax x11displayoffset requiredrsasize",
    Kind.WORD: """
        pidfile modulifile xauthlocation banner chrootdirectory trustedusercakeys revokedkeys
        securitykeyprovider authorizedprincipalsfile authorizedkeyscommanduser
        authorizedprincipalscommanduser hostkeyagent loglevel syslogfacility fingerprinthash
        streamlocalbindmask maxstartups persourcemaxstartups persourcenetblocksize rdomain
        permituserenvironment unusedconnectiontimeout pamservicename sshdsessionpath sshdauthpath
        """,
    Kind.ALGORITHMS: """
        ciphers macs kexalgorithms hostkeyalgorithms pubkeyacceptedalgorithms hostbasedacceptedalgorithms
        casignaturealgorithms gssapikexalgorithms
        """,
    Kind.WORDS: """
        forcecommand versionaddendum authorizedkeyscommand authorizedprincipalscommand authorizedkeysfile
        authenticationmethods ipqos rekeylimit permitopen permitlisten pubkeyauthoptions channeltimeout
        logverbose persourcepenalties persourcepenaltyexemptlist
        """,
    Kind.GATHERED: """
        port listenaddress hostkey hostcertificate acceptenv setenv subsystem
        allowusers denyusers allowgroups denygroups
        """,
    Kind.DEPRECATED: """
        protocol useprivilegeseparation rsaauthentication rhostsrsaauthentication rhostsauthentication
        keyregenerationinterval serverkeybits uselogin afstokenpassing kerberostgtpassing
        pamauthenticationviakbdint reversemappingcheck authorizedkeysfile2 checkmail
        """,
}

KINDS: Mapping[str, Kind] = {name: kind for kind, names in _NAMES.items() for name in names.split()}

ALIASES: Mapping[str, str] = {
    "challengeresponseauthentication": "kbdinteractiveauthentication",
    "skeyauthentication": "kbdinteractiveauthentication",
    "dsaauthentication": "pubkeyauthentication",
    "pubkeyacceptedkeytypes": "pubkeyacceptedalgorithms",
    "hostbasedacceptedkeytypes": "hostbasedacceptedalgorithms",
    "hostbasedkeytypes": "hostbasedacceptedalgorithms",
    "keepalive": "tcpkeepalive",
    "hostdsakey": "hostkey",
    "verifyreversemapping": "usedns",
    "rsaminsize": "requiredrsasize",
}

MATCHABLE = frozenset(
    """
    acceptenv allowagentforwarding allowgroups allowstreamlocalforwarding allowtcpforwarding allowusers
    authenticationmethods authorizedkeyscommand authorizedkeyscommanduser authorizedkeysfile
    authorizedkeysfile2 authorizedprincipalscommand authorizedprincipalscommanduser authorizedprincipalsfile
    banner casignaturealgorithms channeltimeout chrootdirectory clientalivecountmax clientaliveinterval
    denygroups denyusers disableforwarding exposeauthinfo forcecommand gatewayports gssapiauthentication
    gssapienablek5users hostbasedacceptedalgorithms hostbasedauthentication hostbasedusesnamefrompacketonly
    ignorerhosts ipqos kbdinteractiveauthentication kerberosauthentication kerberosusekuserok loglevel
    logverbose maxauthtries maxsessions pamservicename passwordauthentication permitemptypasswords
    permitlisten permitopen permitrootlogin permittty permittunnel permituserrc pubkeyacceptedalgorithms
    pubkeyauthentication pubkeyauthoptions rdomain refuseconnection rekeylimit revokedkeys
    rhostsrsaauthentication rsaauthentication setenv streamlocalbindmask streamlocalbindunlink subsystem
    trustedusercakeys unusedconnectiontimeout x11displayoffset x11forwarding x11uselocalhost
    """.split()
)
"""Keywords that may stand in a Match block; with any other there the server refuses its configuration."""

DEFAULTS: Mapping[str, str] = {
    "port": "22",
    "permitrootlogin": "without-password",
    "permitemptypasswords": "no",
    "passwordauthentication": "yes",
    "kbdinteractiveauthentication": "yes",
    "pubkeyauthentication": "yes",
    "hostbasedauthentication": "no",
    "hostbasedusesnamefrompacketonly": "no",
    "ignorerhosts": "yes",
    "ignoreuserknownhosts": "no",
    "maxauthtries": "6",
    "maxsessions": "10",
    "logingracetime": "120",
    "clientaliveinterval": "0",
    "clientalivecountmax": "3",
    "strictmodes": "yes",
    "usepam": "no",
    "x11forwarding": "no",
    "allowtcpforwarding": "yes",
    "allowagentforwarding": "yes",
    "permittunnel": "no",
    "gatewayports": "no",
    "permituserenvironment": "no",
    "gssapikeyexchange": "no",
    "loglevel": "INFO",
    "syslogfacility": "AUTH",
    "banner": "none",
}
"""Defaults that did not change from one release to the next. Algorithm lists did: they have none here."""


class RefusedError(ValueError):
    """The server would refuse these arguments; the text says why."""


_TIME = re.compile(r"(?:[0-9]{1,9}[smhdwSMHDW]?)+")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def seconds(text: str) -> int:
    """Read a time such as ``2m`` or ``1h30m`` in seconds.

    Raises:
        RefusedError: not a time.
    """
    if not _TIME.fullmatch(text):
        raise RefusedError("not a time")
    return sum(int(n) * _SECONDS[unit.lower()] for n, unit in re.findall(r"([0-9]+)([smhdwSMHDW]?)", text))


def printed(keyword: str, kind: Kind, words: Sequence[str]) -> str:
    """Arguments in the form in which the server prints them.

    Raises:
        RefusedError: the server would not take them.
    """
    if not words:
        raise RefusedError("no argument")
    if kind in {Kind.WORDS, Kind.GATHERED}:
        return " ".join(words)
    if len(words) > 1:
        raise RefusedError("more than one argument")
    word = words[0]
    closed = _YES_NO if kind is Kind.FLAG else CHOICES.get(keyword)
    if closed is not None:
        if word.lower() not in closed:
            raise RefusedError(f"none of {', '.join(closed)}")
        return closed[word.lower()]
    if kind is Kind.TIME:
        return str(seconds(word))
    if kind is Kind.NUMBER:
        if not re.fullmatch(r"[0-9]{1,9}", word):
            raise RefusedError("not a number")
        return str(int(word))
    return word.upper() if keyword in {"loglevel", "syslogfacility"} else word
