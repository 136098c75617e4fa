"""Cases of the topics sshd, accounts, password, lockout and session."""

from __future__ import annotations

from dataclasses import replace

from scanner.facts import Default, Hook, Listener, Listeners, PasswordCopies, PasswordCopy, PasswordState
from tests.checks.build import (
    ANN,
    SEEN,
    Case,
    account,
    accounts,
    at,
    both,
    chain,
    filtering,
    listeners,
    lockout,
    matched,
    policy,
    socket,
    sources,
    sshd,
    timeout,
    value,
    wrappers,
)

HASHED, EMPTY, LOCKED = PasswordState.HASHED, PasswordState.EMPTY, PasswordState.LOCKED
OPEN = (wrappers(), filtering(), listeners())
IPV4_SSH = socket("tcp 0.0.0.0 22", "sshd")
MANAGED = ((22, ("10.60.1.0/24",)),)
IPV4_FILTER = filtering(chain(ports=MANAGED))


def only(*sockets: Listener) -> Listeners:
    return listeners(*sockets, ssh=False)


ROOT_LOGIN = (
    ("yes", "refused", sshd(permitrootlogin="no")),
    ("no", "allowed", sshd(permitrootlogin="yes")),
    ("no", "by key only", sshd(permitrootlogin="prohibit-password")),
    ("no", "in a Match block", matched(sshd(), permitrootlogin="yes")),
    ("yes", "a Match block repeats it", matched(sshd(), permitrootlogin="no")),
    ("unseen", "not named", sshd(("permitrootlogin",))),
)
EMPTY_PASSWORDS = (
    ("yes", "refused", sshd()),
    ("no", "allowed", sshd(permitemptypasswords="yes")),
    ("no", "in a Match block", matched(sshd(), permitemptypasswords="yes")),
    ("unseen", "not named", sshd(("permitemptypasswords",))),
)
ALGORITHMS = (
    ("yes", "strong", sshd()),
    ("yes", "Chinese ones", sshd(ciphers="sm4-ctr", macs="hmac-sm3", kexalgorithms="sm2-sm3")),
    ("no", "cbc", sshd(ciphers="aes256-ctr,aes128-cbc")),
    ("no", "3des", sshd(ciphers="3des-cbc")),
    ("no", "arcfour", sshd(ciphers="arcfour256")),
    ("no", "blowfish", sshd(ciphers="blowfish-cbc")),
    ("no", "cast", sshd(ciphers="cast128-cbc")),
    ("no", "no encryption", sshd(ciphers="none")),
    ("no", "md5", sshd(macs="hmac-md5-etm@openssh.com")),
    ("no", "96 bits", sshd(macs="hmac-sha2-256-96")),
    ("no", "umac-64", sshd(macs="umac-64-etm@openssh.com")),
    ("no", "sha1", sshd(macs="hmac-sha1-etm@openssh.com")),
    ("no", "group1", sshd(kexalgorithms="diffie-hellman-group1-sha1")),
    ("no", "group14-sha1", sshd(kexalgorithms="curve25519-sha256,diffie-hellman-group14-sha1")),
    ("no", "group-exchange-sha1", sshd(kexalgorithms="diffie-hellman-group-exchange-sha1")),
    (
        "no",
        "sha1 of GSSAPI in use",
        sshd(gssapikeyexchange="yes", gssapikexalgorithms="gss-group14-sha1-,gss-gex-sha1-"),
    ),
    ("yes", "sha1 of GSSAPI not in use", sshd(gssapikeyexchange="no", gssapikexalgorithms="gss-gex-sha1-")),
    (
        "yes",
        "strong GSSAPI",
        sshd(gssapikeyexchange="yes", gssapikexalgorithms="gss-group14-sha256-,gss-nistp256-sha256-"),
    ),
    ("unseen", "GSSAPI in use, not named", sshd(gssapikeyexchange="yes")),
    ("unseen", "unknown one", sshd(ciphers="aes256-ctr,rot13")),
    ("unseen", "relative list", sshd(ciphers="+aes256-ctr")),
    ("no", "relative list with a weak one", sshd(ciphers="^aes256-ctr,aes128-cbc")),
    ("unseen", "weak ones taken away from a list", sshd(ciphers="-aes128-cbc,3des-cbc")),
    ("unseen", "empty list", sshd(macs="")),
    ("unseen", "no kex named", sshd(("kexalgorithms",))),
    ("no", "weak MAC though the ciphers are unknown", sshd(ciphers="rot13", macs="hmac-md5")),
)
ATTEMPTS = (
    ("yes", "at the limit", sshd(maxauthtries="5")),
    ("yes", "one", sshd(maxauthtries="1")),
    ("no", "above", sshd(maxauthtries="6")),
    ("no", "in a Match block", matched(sshd(), maxauthtries="20")),
    ("unseen", "zero", sshd(maxauthtries="0")),
    ("unseen", "no number", sshd(maxauthtries="many")),
    ("unseen", "not named", sshd(("maxauthtries",))),
)
GRACE = (
    ("yes", "at the limit", sshd(logingracetime="120")),
    ("yes", "one second", sshd(logingracetime="1")),
    ("no", "above", sshd(logingracetime="121")),
    ("no", "without end", sshd(logingracetime="0")),
    ("unseen", "no number", sshd(logingracetime="2m")),
)
TRUST = (
    ("yes", "refused", sshd()),
    ("yes", "shosts only", sshd(ignorerhosts="shosts-only")),
    ("no", "host based", sshd(hostbasedauthentication="yes")),
    ("no", "host based in a Match block", matched(sshd(), hostbasedauthentication="yes")),
    ("no", "rhosts read", sshd(ignorerhosts="no")),
    ("unseen", "not named", sshd(("ignorerhosts",))),
    (
        "no",
        "host based though rhosts is not named",
        sshd(("ignorerhosts",), hostbasedauthentication="yes"),
    ),
)
SOURCES = (
    ("yes", "AllowUsers with sources", (sshd(allowusers="ann@10.60.1.0/24 bob@10.60.2.2"),)),
    ("yes", "AllowUsers by wildcard", (sshd(allowusers="ann@10.60.*"), *OPEN)),
    ("yes", "AllowUsers by name", (sshd(allowusers="*@*.example.org"), *OPEN)),
    ("yes", "AllowUsers with several networks", (sshd(allowusers="ann@10.0.0.0/8,fd00::/8"), *OPEN)),
    ("unseen", "a wildcard that a name can match", (sshd(allowusers="ann@10.60.*", usedns="yes"), *OPEN)),
    ("no", "one pattern without source", (sshd(allowusers="ann@10.60.1.0/24 bob"), *OPEN)),
    ("no", "no limit at all", (sshd(), *OPEN)),
    ("unseen", "everything as source", (sshd(allowusers="ann@0.0.0.0/0"), *OPEN)),
    ("unseen", "star as source", (sshd(allowusers="ann@*"), *OPEN)),
    ("unseen", "negated source", (sshd(allowusers="ann@!10.0.0.1"), *OPEN)),
    ("unseen", "half of the Internet", (sshd(allowusers="ann@128.0.0.0/1"), *OPEN)),
    ("no", "a Match block opens it", (matched(sshd(allowusers="ann@10.60.1.2"), allowusers="bob"), *OPEN)),
    ("unseen", "a Match block on addresses", (matched(sshd(), "Address !10.0.0.0/8", denyusers="*"), *OPEN)),
    ("no", "a Match block that refuses nobody", (matched(sshd(), "Address 10.0.0.0/8", banner="x"), *OPEN)),
    ("unseen", "DenyUsers with sources", (sshd(denyusers="*@192.0.2.*"), *OPEN)),
    ("no", "DenyUsers without", (sshd(denyusers="root"), *OPEN)),
    ("yes", "filter, both families", (sshd(), filtering(*both(ports=MANAGED)), listeners())),
    (
        "yes",
        "filter opens it for IPv4 only",
        (sshd(), filtering(chain(ports=MANAGED), both()[1]), listeners()),
    ),
    (
        "no",
        "filter with IPv6 left open",
        (sshd(), wrappers(), filtering(chain(ports=MANAGED)), listeners()),
    ),
    (
        "yes",
        "IPv6 has no socket",
        (sshd(), filtering(chain(ports=MANAGED)), listeners(socket("tcp 0.0.0.0 22", "sshd"), ssh=False)),
    ),
    (
        "no",
        "filter opens it to all",
        (sshd(), wrappers(), filtering(*both(ports=((22, ("any",)),))), listeners()),
    ),
    (
        "no",
        "filter accepts by default",
        (sshd(), wrappers(), filtering(*both(ports=MANAGED, default=Default.ACCEPT)), listeners()),
    ),
    (
        "no",
        "only forwarded packets are filtered",
        (sshd(), wrappers(), filtering(*both(Hook.FORWARD, ports=MANAGED)), listeners()),
    ),
    (
        "yes",
        "another port that the filter closes",
        (
            sshd(port="2222"),
            wrappers(),
            filtering(*both(ports=MANAGED)),
            listeners(socket("tcp 0.0.0.0 2222", "sshd")),
        ),
    ),
    (
        "yes",
        "another port, limited",
        (
            sshd(port="2222"),
            filtering(*both(ports=(*MANAGED, (2222, ("10.60.1.9",))))),
            listeners(socket("tcp 0.0.0.0 2222", "systemd")),
        ),
    ),
    (
        "yes",
        "ListenAddress with a port that the filter closes",
        (
            sshd(listenaddress="0.0.0.0:2022 [::]:22"),
            wrappers(),
            filtering(*both(ports=MANAGED)),
            listeners(socket("tcp 0.0.0.0 2022")),
        ),
    ),
    ("unseen", "filter but no sockets", (sshd(), wrappers(), filtering(*both(ports=MANAGED)))),
    ("unseen", "filter closes the port to all", (sshd(), wrappers(), filtering(*both()), listeners())),
    ("unseen", "filter not seen", (sshd(), wrappers(), listeners())),
    ("unseen", "wrappers not seen", (sshd(), filtering(), listeners())),
    (
        "yes",
        "wrappers in use",
        (
            sshd(),
            wrappers((True, "sshd", "10.60.1. .example.org LOCAL"), (False, "ALL", "ALL"), honours=True),
        ),
    ),
    (
        "unseen",
        "wrappers perhaps not in use",
        (sshd(), wrappers((True, "sshd", "10.60.1."), (False, "ALL", "ALL")), filtering(), listeners()),
    ),
    (
        "unseen",
        "wrappers allow all",
        (
            sshd(),
            wrappers((True, "sshd", "ALL"), (False, "ALL", "ALL"), honours=True),
            filtering(),
            listeners(),
        ),
    ),
    (
        "unseen",
        "wrappers with an exception",
        (
            sshd(),
            wrappers((True, "sshd", "ALL EXCEPT 10.0.0.1"), (False, "ALL", "ALL"), honours=True),
            filtering(),
            listeners(),
        ),
    ),
    (
        "no",
        "wrappers not in use",
        (
            sshd(),
            wrappers((True, "sshd", "10.60.1."), (False, "ALL", "ALL"), honours=False),
            filtering(),
            listeners(),
        ),
    ),
    *(
        ("no", f"filter for IPv4 alone and {name}", (sshd(), wrappers(), IPV4_FILTER, only(IPV4_SSH, s)))
        for name, s in (
            ("any address", socket("tcp * 22", "sshd")),
            ("all of IPv6", socket("tcp :: 22", "sshd")),
            ("one of IPv6", socket("tcp fe80::1 22", "sshd")),
        )
    ),
    *(
        ("yes", f"filter for IPv4 alone, beside it {name}", (sshd(), IPV4_FILTER, only(IPV4_SSH, s)))
        for name, s in (
            ("SSH on loopback", socket("tcp ::1 22", "sshd")),
            ("another service", socket("tcp :: 80", "nginx")),
            ("another protocol", socket("udp :: 22", "x")),
        )
    ),
    (
        "unseen",
        "wrappers deny some only",
        (sshd(), wrappers((True, "sshd", "10.0.0."), (False, "sshd", "192.0.2.1"), honours=True), *OPEN[1:]),
    ),
    (
        "unseen",
        "wrappers deny all and allow nobody",
        (sshd(), wrappers((False, "sshd", "ALL"), honours=True), *OPEN[1:]),
    ),
    ("no", "wrappers deny nobody", (sshd(), wrappers((True, "sshd", "10.0.0."), honours=True), *OPEN[1:])),
    (
        "no",
        "wrappers deny another daemon",
        (sshd(), wrappers((False, "vsftpd", "ALL"), honours=True), filtering(), listeners()),
    ),
)
UNIQUE = (
    ("yes", "all different", accounts()),
    ("no", "same UID", accounts(account("bob", ANN.uid))),
    ("no", "same name", accounts(account("ann", 1001))),
    ("unseen", "not the whole list", type(accounts())(accounts().seen, (ANN,))),
)
SUPERUSER = (
    ("yes", "root only", accounts()),
    ("no", "another", accounts(account("toor", 0))),
    ("unseen", "not the whole list", type(accounts())(accounts().seen, (ANN,))),
)
PASSWORDS = (
    ("yes", "none empty", accounts()),
    ("no", "empty", accounts(account("bob", 1001, EMPTY))),
    ("no", "empty and without shell", accounts(account("bob", 1001, EMPTY, program="/bin/false"))),
    ("unseen", "not the whole list", type(accounts())(accounts().seen, ())),
)
HASHES = (
    *(
        ("yes", scheme, accounts(account("bob", 1001, HASHED, scheme)))
        for scheme in "yescrypt gost-yescrypt bcrypt sha512crypt sha256crypt scrypt sm3crypt".split()
    ),
    *(
        ("no", scheme, accounts(account("bob", 1001, HASHED, scheme)))
        for scheme in "descrypt bsdicrypt md5crypt sha1crypt nthash".split()
    ),
    ("no", "weak behind a lock", accounts(account("bob", 1001, LOCKED, "md5crypt"))),
    ("unseen", "unknown", accounts(account("bob", 1001, HASHED, "unknown"))),
    ("unseen", "not named", accounts(account("bob", 1001, HASHED, ""))),
)
AGE = (
    ("yes", "at the limit", accounts()),
    ("yes", "one day", accounts(account("bob", 1001, HASHED, "yescrypt", max_age=1))),
    ("yes", "locked ones do not count", accounts(account("bob", 1001, LOCKED, max_age=99999))),
    ("no", "above", accounts(account("bob", 1001, HASHED, "yescrypt", max_age=91))),
    ("no", "never", accounts(account("bob", 1001, HASHED, "yescrypt", max_age=99999))),
    ("no", "not written", accounts(account("bob", 1001, HASHED, "yescrypt", max_age=None))),
    ("no", "minus one", accounts(account("bob", 1001, HASHED, "yescrypt", max_age=-1))),
    ("no", "aging switched off", accounts(account("bob", 1001, HASHED, "yescrypt", last_change=None))),
    ("unseen", "zero", accounts(account("bob", 1001, HASHED, "yescrypt", max_age=0))),
)
DEFAULTS = (
    ("yes", "locked or without shell", accounts(account("games", 5, LOCKED, program="/bin/bash"))),
    ("yes", "password but no shell", accounts(account("games", 5, HASHED, "yescrypt"))),
    ("yes", "nobody", accounts(account("nobody", 99, HASHED, "yescrypt", program="/bin/sh"))),
    ("yes", "a person", accounts(account("bob", 1001, HASHED, "yescrypt", program="/bin/sh"))),
    ("no", "usable", accounts(account("games", 5, HASHED, "yescrypt", program="/bin/bash"))),
    ("no", "usable without password", accounts(account("games", 5, EMPTY, program="/bin/bash"))),
    ("no", "empty shell field", accounts(account("games", 999, HASHED, "yescrypt", program=""))),
    ("unseen", "not the whole list", type(accounts())(accounts().seen, ())),
)
QUALITY = (
    ("yes", "at the limits", policy()),
    ("no", "no module", policy(None, 20, 4)),
    ("no", "too short", policy(length=7)),
    ("no", "too few classes", policy(classes=2)),
)
LOCKS = (
    ("yes", "at the limits", lockout()),
    ("yes", "one failure", lockout(failures=1)),
    ("yes", "until an administrator unlocks", lockout(seconds=0)),
    ("no", "no module", lockout(None)),
    ("no", "too many", lockout(failures=6)),
    ("no", "never locks", lockout(failures=0)),
    ("no", "too short", lockout(seconds=599)),
    ("no", "negative", lockout(seconds=-1)),
)
DASH = replace(timeout(600), sh=value("/usr/bin/dash", "sh"))
IDLE = (
    ("yes", "at the limit", timeout(600), accounts()),
    ("yes", "one second", timeout(1), accounts()),
    ("yes", "users may change it", timeout(300, readonly=False), accounts()),
    ("no", "above", timeout(601)),
    ("no", "zero", timeout(0)),
    ("no", "not set", timeout(None)),
    ("yes", "by both", replace(timeout(600), stop_idle=value(900, "logind")), accounts()),
    ("unseen", "by systemd, if it can", replace(timeout(None), stop_idle=value(600, "logind"))),
    ("no", "by systemd, too late", replace(timeout(None), stop_idle=value(900, "logind"))),
    ("no", "a person's dash", timeout(600), accounts(account("bo", 1001, HASHED, "x", "/bin/dash"))),
    ("no", "sh is dash", DASH, accounts(account("bo", 1001, HASHED, "x", "/bin/sh"))),
    ("no", "a shell field left empty", DASH, accounts(account("bo", 1001, HASHED, "x", ""))),
    ("unseen", "which sh is not seen", timeout(600), accounts(account("bo", 1001, HASHED, "x", "/bin/sh"))),
    ("unseen", "keys may let in", DASH, accounts(account("bo", 1001, LOCKED, "", "/bin/sh"))),
    ("unseen", "another shell", timeout(600), accounts(account("bo", 1001, HASHED, "x", "/bin/zsh"))),
    (
        "unseen",
        "it may have expired",
        DASH,
        accounts(replace(account("bo", 1001, HASHED), shell="", expires=1)),
    ),
    ("yes", "a locked account of the system", DASH, accounts(account("man", 6, LOCKED, "", "/bin/sh"))),
    ("unseen", "accounts not seen", timeout(600)),
    (
        "unseen",
        "a directory's accounts have shells of their own",
        timeout(600),
        accounts(),
        sources("passwd sss"),
    ),
    ("yes", "in time by both", replace(timeout(600), stop_idle=value(600, "logind")), accounts()),
)

_COPY = PasswordCopy("ops", ("web2:ops",), at("shadow", 9))

COPIES = (
    ("yes", "each its own", PasswordCopies(SEEN, (), compared=3, unmarked=0, hosts=1)),
    ("yes", "no hash at all", PasswordCopies(SEEN, (), compared=0, unmarked=0, hosts=0)),
    ("no", "one of another host", PasswordCopies(SEEN, (_COPY,), compared=3, unmarked=1, hosts=1)),
    ("unseen", "another host not seen", PasswordCopies(SEEN, (), 3, 0, 1, ("dark",))),
    ("unseen", "one without a digest", PasswordCopies(SEEN, (), compared=2, unmarked=1, hosts=1)),
)

_ONE = {
    "sshd.root-login-refused": ROOT_LOGIN,
    "sshd.empty-passwords-refused": EMPTY_PASSWORDS,
    "sshd.algorithms-strong": ALGORITHMS,
    "sshd.auth-attempts-limited": ATTEMPTS,
    "sshd.login-grace-limited": GRACE,
    "sshd.host-trust-refused": TRUST,
    "accounts.identifiers-unique": UNIQUE,
    "accounts.root-only-superuser": SUPERUSER,
    "accounts.passwords-set": PASSWORDS,
    "accounts.password-hashes-strong": HASHES,
    "accounts.passwords-not-copied": COPIES,
    "accounts.password-age-limited": AGE,
    "accounts.default-logins-disabled": DEFAULTS,
    "password.quality-enforced": QUALITY,
    "lockout.enforced": LOCKS,
}

CASES = (
    *(Case(check, name, answer, (fact,)) for check, rows in _ONE.items() for answer, name, fact in rows),
    *(Case("sshd.sources-limited", name, answer, facts) for answer, name, facts in SOURCES),
    *(Case("session.idle-timeout", name, answer, tuple(facts)) for answer, name, *facts in IDLE),
    *(Case(check, "gap", "unseen") for check in _ONE),
    Case("sshd.sources-limited", "gap", "unseen"),
    Case("session.idle-timeout", "gap", "unseen"),
)
