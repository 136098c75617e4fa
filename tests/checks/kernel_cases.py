"""Cases of the topic kernel: settings in force, and the files that set them."""

from __future__ import annotations

from dataclasses import replace

from scanner.facts import KernelRule, KernelSetting, KernelSettings, WrittenKernelSettings
from tests.checks.build import SEEN, Case, at, services

GUARDS = {
    "kernel/randomize_va_space": "2",
    "net/ipv4/tcp_syncookies": "1",
    "net/ipv4/icmp_echo_ignore_broadcasts": "1",
    "fs/protected_hardlinks": "1",
    "fs/protected_symlinks": "1",
    "net/ipv4/conf/all/accept_source_route": "0",
    "net/ipv4/conf/eth0/accept_source_route": "1",
}


def running(**settings: str) -> KernelSettings:
    """Good settings but for some; two underscores stand for a slash, an empty value for none."""
    changed = GUARDS | {name.replace("__", "/"): value for name, value in settings.items()}
    return KernelSettings(SEEN, tuple(KernelSetting(n, v, at("proc")) for n, v in changed.items() if v))


def rules(*texts: str) -> tuple[KernelRule, ...]:
    """Rules as name=value, or a name alone."""
    parted = [text.partition("=") for text in texts]
    return tuple(KernelRule(name, value if sign else None, at("sysctl.d")) for name, sign, value in parted)


def written(*texts: str, last: tuple[str, ...] = ()) -> WrittenKernelSettings:
    return WrittenKernelSettings(SEEN, rules(*texts), rules(*(last or texts)))


ASLR = "kernel/randomize_va_space"
ROUTE = "net/ipv4/conf/all/accept_source_route"
GUARDED = (
    ("yes", "all guards", (running(),)),
    ("yes", "cookies always", (running(net__ipv4__tcp_syncookies="2"),)),
    ("yes", "no such setting as broadcasts", (running(net__ipv4__icmp_echo_ignore_broadcasts=""),)),
    ("no", "half random", (running(kernel__randomize_va_space="1"),)),
    ("no", "links not protected", (running(fs__protected_symlinks="0"),)),
    ("no", "source routes on one interface", (running(net__ipv4__conf__all__accept_source_route="1"),)),
    (
        "yes",
        "source routes allowed on none",
        (
            running(
                net__ipv4__conf__all__accept_source_route="1", net__ipv4__conf__eth0__accept_source_route="0"
            ),
        ),
    ),
    (
        "yes",
        "a container: links are the machine's",
        (replace(running(fs__protected_symlinks="0"), shared=at("c")),),
    ),
    (
        "yes",
        "a container that shows its network alone",
        (replace(running(kernel__randomize_va_space=""), shared=at("c")),),
    ),
    ("no", "a container's network", (replace(running(net__ipv4__tcp_syncookies="0"), shared=at("c")),)),
    ("unseen", "one not shown", (running(kernel__randomize_va_space=""),)),
    ("unseen", "source routes not shown", (running(net__ipv4__conf__all__accept_source_route=""),)),
)
AS_WRITTEN = (
    ("yes", "as the files say", (running(), written(f"{ASLR}=2"), services())),
    (
        "yes",
        "numbers in another form, a remark behind",
        (running(), written(f"{ASLR}=0x2 # all"), services()),
    ),
    ("yes", "left out of the pattern", (running(), written("kernel/*=9", ASLR, f"{ROUTE}=0"), services())),
    ("no", "files say otherwise", (running(), written(f"{ASLR}=0"), services())),
    (
        "no",
        "a pattern says otherwise",
        (running(), written("net/ipv4/conf/*/accept_source_route=1"), services()),
    ),
    ("no", "whoever reads the files", (running(), written(f"{ASLR}=0"))),
    (
        "yes",
        "an interface set up later",
        (running(), written("net/ipv4/conf/eth0/accept_source_route=0", f"{ASLR}=2")),
    ),
    ("unseen", "only in a file that systemd does not read", (running(), written(last=(f"{ASLR}=2",)))),
    (
        "unseen",
        "the last file speaks against the others",
        (running(), written(f"{ASLR}=2", last=(f"{ASLR}=0",))),
    ),
    (
        "unseen",
        "one as the files say, another only in a file that systemd does not read",
        (running(), written(f"{ROUTE}=0", last=(f"{ROUTE}=0", f"{ASLR}=2"))),
    ),
    ("unseen", "a file nobody reads", (running(), written(last=(f"{ASLR}=2",)), services())),
    ("unseen", "nothing that is looked at", (running(), written("kernel/pid_max=9"), services())),
)

_ALL = {"kernel.guards-on": GUARDED, "kernel.settings-as-written": AS_WRITTEN}

CASES = (
    *(Case(check, name, answer, facts) for check, rows in _ALL.items() for answer, name, facts in rows),
    *(Case(check, "gap", "unseen") for check in _ALL),
)
