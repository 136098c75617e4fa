"""Chains and rules that ufw makes around those of its files, as its start-up script does (release 0.36)."""

from __future__ import annotations

HOOKS = ("input", "output", "forward")
_ORDER = ("before-logging", "before", "after", "after-logging", "reject", "track")
POLICIES = ("ACCEPT", "DROP", "REJECT")


def primary(six: str, policies: dict[str, str]) -> list[str]:
    """What is there before the files are restored. ``six``: "6" for IPv6; ``policies``: by hook."""
    lines = ["*filter", *(f":ufw{six}-{part}-{hook} - [0:0]" for part in _ORDER for hook in HOOKS)]
    lines += [f"-A {hook.upper()} -j ufw{six}-{part}-{hook}" for hook in HOOKS for part in _ORDER]
    for hook, policy in policies.items():
        if policy == "REJECT":
            lines.append(f"-A ufw{six}-reject-{hook} -j REJECT")
        if policy == "ACCEPT":
            lines += [
                f"-A ufw{six}-track-{hook} -p {protocol} -m conntrack --ctstate NEW -j ACCEPT"
                for protocol in ("tcp", "udp")
            ]
    lines += [f":ufw{six}-logging-deny - [0:0]", f":ufw{six}-logging-allow - [0:0]"]
    lines += [f":ufw{six}-skip-to-policy-{hook} - [0:0]" for hook in HOOKS]
    lines += [f"-A ufw{six}-skip-to-policy-{hook} -j {policy}" for hook, policy in policies.items()]
    return [*lines, "COMMIT"]


def user(six: str) -> list[str]:
    """The chains of the file of people's rules, which are there before it is restored."""
    names = [*(f"user-{hook}" for hook in HOOKS), *(f"user-logging-{hook}" for hook in HOOKS)]
    names += ["user-limit", "user-limit-accept"]
    return ["*filter", *(f":ufw{six}-{name} - [0:0]" for name in names), "COMMIT"]


def hooked(six: str) -> list[str]:
    """What leads to people's rules once they are there."""
    return ["*filter", *(f"-A ufw{six}-before-{hook} -j ufw{six}-user-{hook}" for hook in HOOKS), "COMMIT"]


def policies_of(policies: dict[str, str]) -> list[str]:
    """The policies of the kernel's chains, which come last; a reject is a drop behind a rule."""
    told = {hook: "DROP" if policy == "REJECT" else policy for hook, policy in policies.items()}
    return ["*filter", *(f":{hook.upper()} {policy} [0:0]" for hook, policy in told.items()), "COMMIT"]


WITHOUT_SIX = [
    "*filter",
    ":INPUT DROP [0:0]",
    ":FORWARD DROP [0:0]",
    ":OUTPUT DROP [0:0]",
    "-A INPUT -i lo -j ACCEPT",
    "-A OUTPUT -o lo -j ACCEPT",
    "COMMIT",
]
"""What IPv6 gets where it is switched off."""
