"""Programs that write rules by themselves, known by the chains and tables that they make."""

from __future__ import annotations

import re

PUBLISHERS: tuple[tuple[str, str], ...] = (
    (r"DOCKER(?:-.+)?", "Docker"),
    (r"KUBE-.+|.* kube-proxy", "Kubernetes"),
    (r"CNI-.+|CNI_.+|CNI-HOSTPORT-.+|.* cni_hostport", "CNI"),
    (r"NETAVARK.*|.* netavark|nv_.+", "Podman"),
    (r"LIBVIRT_.+|.* libvirt_network|guest_.+", "libvirt"),
    (r"cali-.+", "Calico"),
    (r"CILIUM_.+", "Cilium"),
    (r"FLANNEL-.+", "Flannel"),
    (r"f2b-.+|.* f2b-table", "fail2ban"),
    (r"ts-.+", "Tailscale"),
    (r"ufw6?-.+", "ufw"),
    (r"IN_.+|FWDI_.+|FWDO_.+|FWD_.+|.* firewalld", "firewalld"),
    (r"sshguard", "sshguard"),
)
"""Names of chains and tables (``family name`` in nft), and who makes them."""

ENGINES = frozenset("Docker Kubernetes CNI Podman libvirt Calico Cilium Flannel".split())
"""Programs that run containers, pods or guests, and publish their ports."""


RUNNING = ENGINES | {"fail2ban", "Tailscale", "sshguard"}
"""Programs that put their rules back when they start: nobody saves those."""


def maker_of(table: str, chain: str) -> str:
    """Return the program that makes such a chain or table; "" where none is known to."""
    for name in (chain, table):
        for pattern, program in PUBLISHERS:
            if re.fullmatch(pattern, name):
                return program
    return ""


def published_by(table: str, chain: str, text: str) -> str:
    """Return the engine that wrote a translating rule; "" where it may be anybody's."""
    maker = maker_of(table, chain)
    if maker in ENGINES:
        return maker
    named = re.search(r"--comment \"?(?:.*\b(cni|kubernetes)\b)|\b(libvirt|virbr\d)", text, re.IGNORECASE)
    if named is None:
        return ""
    return {"cni": "CNI", "kubernetes": "Kubernetes"}.get((named[1] or "").lower(), "libvirt")
