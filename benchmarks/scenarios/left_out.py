"""Why a rule of the set is not asked."""

from __future__ import annotations

import re

_REASONS = (
    (r"^rsyslog_files_", "names log files under /tmp, which the states do not hold"),
    (r"^ensure_logrotate|^auditd_offload", "asks whether a timer or a job of cron runs"),
    (r"^syslogng_", "two log daemons are set up, and files alone do not say which of them runs"),
    (r"ownership_lastlog$", "asks for the program lastlog, not for its file"),
    (r"^banner_|_(issue|issue_net|motd)$|_issue_|ssh_confirm", "a text shown before login is no item"),
    (r"^sysctl_", "a kernel setting, not of these topics"),
    (r"^firewall|^ufw|_(iptables|nftables)$", "the packet filter, measured by its own corpus"),
    (r"gpgcheck", "signatures of package sources, not of these topics"),
    (r"_ppc64le$|_aarch64$", "a rule file of another architecture, compared by its text"),
    (
        r"library_dirs|binary_dirs|commands_dirs|binaries|syslibrary|unauthorized_s[ug]id|systemmap|journalctl",
        "asks for a walk over all programs and libraries",
    ),
    (r"user_dot_|users_home_files|umask_(interactive_users|root)", "asks for every file in users' homes"),
    (
        r"csh_cshrc|namespace|smartcard|securetty|libuserconf|rhosts_rsa$",
        "a mechanism that is out of use here",
    ),
    (r"concurrent_login|invalid_shell|selinux_faillock", "limits that no item names"),
    (r"sshd_(include_crypto|use_directory|use_strong_rng)", "asks how a file is laid out, not what it does"),
    (r"sudoers_default_includedir", "asks by which sign a folder is included; both mean the same"),
    (r"tftp|tmux|nis_in|gdm|landscape|sssd|waagent|cloud", "a program that no item names"),
)


def why_left_out(rule: str) -> str:
    """A word why ``rule`` is not asked."""
    return next((reason for pattern, reason in _REASONS if re.search(pattern, rule)), "not asked yet")
