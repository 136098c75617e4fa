"""Why a rule of the set is not asked."""

from __future__ import annotations

import re

_REASONS = (
    (r"^banner_|_(issue|issue_net|motd)$|_issue_|ssh_confirm", "a text shown before login is no item"),
    (r"^sysctl_", "a kernel setting, not of these topics"),
    (r"^firewall|^ufw|_(iptables|nftables)$", "the packet filter, measured by its own corpus"),
    (r"gpgcheck", "signatures of package sources, not of these topics"),
    (r"_ppc64le$|_aarch64$", "a rule file of another architecture, compared by its text"),
    (
        r"library_dirs|binary_dirs|commands_dirs|binaries|syslibrary|unauthorized_s[ug]id|systemmap|journalctl",
        "asks for a walk over all programs and libraries",
    ),
    (r"tftp|tmux|nis_in|gdm|landscape|sssd|waagent|cloud", "a program that no item names"),
)


def why_left_out(rule: str) -> str:
    """A word why ``rule`` is not asked."""
    return next((reason for pattern, reason in _REASONS if re.search(pattern, rule)), "not asked yet")
