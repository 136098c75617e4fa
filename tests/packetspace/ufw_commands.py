"""Random commands of ufw, run by the real one in a namespace of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

ROOT = Path(os.environ.get("UFW_ROOT", "/"))
"""Where ufw is installed: a root of its own, or this machine's."""

PARTS = ("before", "after", "user")
NAMES = ("ufw.conf", *(f"{part}{six}.rules" for part in PARTS for six in ("", "6")))


def runs() -> bool:
    """Whether the real ufw can be run."""
    return os.geteuid() == 0 and (ROOT / "usr/sbin/ufw").exists() and bool(shutil.which("unshare"))


_SOURCES = ("any", "10.0.0.0/8", "198.51.100.7", "2001:db8::/32", "192.0.2.0/25")
_TARGETS = ("any", "192.0.2.1", "2001:db8::1", "203.0.113.0/24")
_PORTS = ("22", "80", "443", "53", "8000:8010", "137", "25,110,143")


def command(random: Random) -> list[str]:
    """One command that ufw takes (it may refuse some: families that do not meet)."""
    action = random.choice(("allow", "allow", "deny", "reject", "limit"))
    kind = random.randrange(8)
    if kind == 0:
        return [
            "default",
            random.choice(("allow", "deny", "reject")),
            random.choice(("incoming", "outgoing", "routed")),
        ]
    if kind == 1:
        return ["logging", random.choice(("off", "low", "medium", "high", "full"))]
    if kind == 2:
        port = random.choice(_PORTS[:4])
        return [action, *random.choice(([], ["in"], ["out"])), port + random.choice(("", "/tcp", "/udp"))]
    words = ["route"] * (kind == 3) + ["insert", "1"] * (kind == 4) + [action]
    if kind == 3:
        words += ["in", "on", random.choice(("eth0", "wan"))] * random.randrange(2)
        words += ["out", "on", "eth1"] * random.randrange(2)
    else:
        words += random.choice(([], ["in"], ["out"], ["in", "on", "eth0"], ["out", "on", "eth1"]))
    words += random.choice(([], ["log"], ["log-all"]))
    port = random.choice(("", *_PORTS))
    protocol = "tcp" if "," in port or ":" in port else random.choice(("", "tcp", "udp", "esp"))
    words += ["proto", protocol] * bool(protocol)
    words += [
        "from",
        random.choice(_SOURCES),
        *(["port", "53"] * (protocol in {"tcp", "udp"} and random.random() < 0.2)),
    ]
    return [*words, "to", random.choice(_TARGETS), *(["port", port] if port and protocol != "esp" else [])]


def run(
    folder: Path, commands: list[list[str]], settings: dict[str, str]
) -> tuple[dict[str, str], str, str, str]:
    """Run the commands, switch ufw on. Return its files, what is loaded of each family, and its status."""
    shutil.copytree(ROOT / "etc/ufw", folder / "ufw")
    default = (ROOT / "etc/default/ufw").read_text()
    for name, value in settings.items():
        default += f"{name}={value}\n"
    (folder / "default").write_text(default)
    inner = ["export PATH=/usr/sbin:/usr/bin:/sbin:/bin"]
    inner += ["ufw " + " ".join(words) + " >/dev/null 2>&1" for words in commands]
    inner += [
        "ufw --force enable >/dev/null",
        "echo ==",
        "iptables-save",
        "echo ==",
        "ip6tables-save",
        "echo ==",
        "ufw status verbose",
    ]
    mounts = [
        f"mount --bind {folder}/ufw {ROOT}/etc/ufw",
        f"mount --bind {folder}/default {ROOT}/etc/default/ufw",
        f"mount -t tmpfs none {ROOT}/run",
        f"mkdir -p {ROOT}/proc && mount --bind /proc {ROOT}/proc",
        "ip link set lo up",
    ]
    script = "set -e\n" + "\n".join(mounts) + f"\nchroot {ROOT} sh -c '" + "\n".join(inner) + "'\n"
    done = subprocess.run(
        ["unshare", "-mn", "--propagation", "private", "sh", "-c", script],  # noqa: S607
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    files = {name: (folder / "ufw" / name).read_text() for name in NAMES}
    files["default/ufw"] = (folder / "default").read_text()
    _, four, six, status = done.stdout.split("==\n")
    return files, four, six, status
