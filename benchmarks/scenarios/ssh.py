"""What rules ask of the SSH server: a value written down, in force, and contradicted nowhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks.scenarios.rule import Predicate, Rule, Variables, plain, written
from scanner.checks.ssh_strength import CIPHERS, KEY_EXCHANGES, Algorithms
from scanner.facts import FactSheet, SshServer
from scanner.model import Gap, GapReason

Meets = Callable[[str, Variables], bool]
"""Whether a value, as the server prints it, is what the rule asks for."""

_REFUSED = frozenset({GapReason.UNPARSABLE, GapReason.EMPTY})
"""A configuration that the server refuses, or none at all, puts no setting in force."""


def _setting(keyword: str, meets: Meets) -> Predicate:
    """The keyword is written down, and every value written or met is what the rule asks for."""

    def asks(sheet: FactSheet, variables: Variables) -> bool | None:
        server = sheet.get(SshServer)
        if isinstance(server, Gap):
            return False if server.step == "sshd-files" and server.reason in _REFUSED else None
        value = server.retired.get(keyword) or server.settings.get(keyword)
        if value is None or not written(value):
            return False
        met = (value, *server.shadowed.get(keyword, ()))
        met += tuple(o.settings[keyword] for o in server.overrides if keyword in o.settings)
        return all(meets(v.value, variables) for v in met)

    return asks


def _is(keyword: str, *good: str) -> Predicate:
    return _setting(keyword, lambda value, _: value.lower() in good)


def _variable(keyword: str, name: str, default: str) -> Predicate:
    return _setting(keyword, lambda value, given: value.lower() == given.get(name, default).lower())


def _within(keyword: str, name: str, default: int, least: int) -> Predicate:
    def meets(value: str, given: Variables) -> bool:
        return least <= int(value) <= int(given.get(name, default))

    return _setting(keyword, meets)


def _start_ups(value: str, given: Variables) -> bool:
    """MaxStartups ``start:rate:full``, none above the rule's."""
    asked = given.get("var_sshd_set_maxstartups", "10:30:60").split(":")
    have = value.split(":")
    return len(have) == 3 and all(int(a) <= int(b) for a, b in zip(have, asked, strict=True))


def _compression(value: str, given: Variables) -> bool:
    """The server takes ``delayed`` and ``yes`` for the same; only a variable asks for ``no`` alone."""
    return value == "no" or "var_sshd_disable_compression" not in given


def _limit(value: str, given: Variables) -> bool:
    asked = (given.get("var_rekey_limit_size", "512M"), given.get("var_rekey_limit_time", "1h"))
    return value.lower().split() == [word.lower() for word in asked]


# --- algorithms ------------------------------------------------------------------------------------

_FIPS_CIPHERS = (
    "aes128-ctr,aes192-ctr,aes256-ctr,aes128-cbc,aes192-cbc,aes256-cbc,3des-cbc,rijndael-cbc@lysator.liu.se,"
    "aes128-gcm@openssh.com,aes256-gcm@openssh.com"
)
_FIPS_MACS = (
    "hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-512,hmac-sha2-256,hmac-sha1,"
    "hmac-sha1-etm@openssh.com"
)
_STRONG_MACS = (
    "hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-512,"
    "hmac-sha2-256"
)
_ORDERED = {
    "ciphers": "aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr",
    "macs": "hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-512,hmac-sha2-256",
    "kexalgorithms": "ecdh-sha2-nistp521,ecdh-sha2-nistp384,ecdh-sha2-nistp256,"
    "diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group14-sha256",
}


def _among(keyword: str, name: str, default: str) -> Predicate:
    """Every algorithm is one of a list."""

    def meets(value: str, given: Variables) -> bool:
        return set(value.split(",")) <= set(given.get(name, default).split(","))

    return _setting(keyword, meets)


def _in_order(keyword: str) -> Predicate:
    """Algorithms of a list and no others, in the list's order."""
    order = _ORDERED[keyword].split(",")

    def meets(value: str, _: Variables) -> bool:
        have = value.split(",")
        return set(have) <= set(order) and have == sorted(have, key=order.index)

    return _setting(keyword, meets)


def _strong(family: Algorithms, name: str) -> Predicate:
    """Every algorithm is one of the rule's list where it was set, else none that we know as weak."""

    def meets(value: str, given: Variables) -> bool:
        have = value.split(",")
        if name in given:
            return set(have) <= set(given[name].split(","))
        return all(family.strong.fullmatch(one) and not family.weak.search(one) for one in have)

    return _setting(family.keyword, meets)


def _someone_limited(sheet: FactSheet, variables: Variables) -> bool | None:
    """Who may log in is limited by a list of users or groups."""
    lists = ("allowusers", "denyusers", "allowgroups", "denygroups")
    answers = [_setting(keyword, lambda value, _: bool(value))(sheet, variables) for keyword in lists]
    return None if None in answers else any(answers)


_ASKED: Mapping[str, Predicate] = {
    "disable_host_auth": _is("hostbasedauthentication", "no"),
    "sshd_allow_only_protocol2": _is("protocol", "2"),
    "sshd_disable_compression": _setting("compression", _compression),
    "sshd_disable_empty_passwords": _is("permitemptypasswords", "no"),
    "sshd_disable_forwarding": _is("disableforwarding", "yes"),
    "sshd_disable_gssapi_auth": _is("gssapiauthentication", "no"),
    "sshd_disable_kerb_auth": _is("kerberosauthentication", "no"),
    "sshd_disable_pubkey_auth": _is("pubkeyauthentication", "no"),
    "sshd_disable_rhosts": _is("ignorerhosts", "yes"),
    "sshd_disable_rhosts_rsa": _is("rhostsrsaauthentication", "no"),
    "sshd_disable_root_login": _is("permitrootlogin", "no"),
    "sshd_disable_root_password_login": _is("permitrootlogin", "without-password"),
    "sshd_disable_tcp_forwarding": _is("allowtcpforwarding", "no"),
    "sshd_disable_user_known_hosts": _is("ignoreuserknownhosts", "yes"),
    "sshd_disable_x11_forwarding": _is("x11forwarding", "no"),
    "sshd_do_not_permit_user_env": _is("permituserenvironment", "no"),
    "sshd_enable_gssapi_auth": _is("gssapiauthentication", "yes"),
    "sshd_enable_pam": _is("usepam", "yes"),
    "sshd_enable_pubkey_auth": _is("pubkeyauthentication", "yes"),
    "sshd_enable_strictmodes": _is("strictmodes", "yes"),
    "sshd_enable_warning_banner": _is("banner", "/etc/issue"),
    "sshd_enable_warning_banner_net": _is("banner", "/etc/issue.net"),
    "sshd_enable_x11_forwarding": _is("x11forwarding", "yes"),
    "sshd_limit_user_access": _someone_limited,
    "sshd_print_last_log": _is("printlastlog", "yes"),
    "sshd_rekey_limit": _setting("rekeylimit", _limit),
    "sshd_set_allow_groups": _setting(
        "allowgroups",
        lambda value, given: set(value.split()) == {given.get("var_sshd_allow_groups", value)},
    ),
    "sshd_set_idle_timeout": _within("clientaliveinterval", "sshd_idle_timeout_value", 300, 1),
    "sshd_set_keepalive": _within("clientalivecountmax", "var_sshd_set_keepalive", 3, 1),
    "sshd_set_keepalive_0": _is("clientalivecountmax", "0"),
    "sshd_set_login_grace_time": _within("logingracetime", "var_sshd_set_login_grace_time", 60, 1),
    "sshd_set_loglevel_info": _is("loglevel", "info"),
    "sshd_set_loglevel_verbose": _is("loglevel", "verbose"),
    "sshd_set_max_auth_tries": _within("maxauthtries", "sshd_max_auth_tries_value", 4, 1),
    "sshd_set_max_sessions": _within("maxsessions", "var_sshd_max_sessions", 10, 0),
    "sshd_set_maxstartups": _setting("maxstartups", _start_ups),
    "sshd_use_approved_ciphers": _among("ciphers", "sshd_approved_ciphers", _FIPS_CIPHERS),
    "sshd_use_approved_ciphers_ordered_stig": _in_order("ciphers"),
    "sshd_use_approved_kex_ordered_stig": _in_order("kexalgorithms"),
    "sshd_use_approved_macs": _among("macs", "sshd_approved_macs", _FIPS_MACS),
    "sshd_use_approved_macs_ordered_stig": _in_order("macs"),
    "sshd_use_priv_separation": _variable("useprivilegeseparation", "var_sshd_priv_separation", "sandbox"),
    "sshd_use_strong_ciphers": _strong(CIPHERS, "sshd_strong_ciphers"),
    "sshd_use_strong_kex": _strong(KEY_EXCHANGES, "sshd_strong_kex"),
    "sshd_use_strong_macs": _among("macs", "sshd_strong_macs", _STRONG_MACS),
    "sshd_x11_use_localhost": _is("x11uselocalhost", "yes"),
}

RULES: Mapping[str, Rule] = plain(_ASKED)
