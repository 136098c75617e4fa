"""Random configurations of firewalld, and what the real one loads of them in a namespace of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

ROOT = Path(os.environ.get("FIREWALLD_ROOT", "/"))
"""Where firewalld is installed: a root of its own, or this machine's."""

LIBRARY = ROOT / "usr/lib/firewalld"


def runs() -> bool:
    """Whether the real firewalld can be run."""
    programs = ("usr/sbin/firewalld", "usr/bin/dbus-daemon")
    here = all((ROOT / program).exists() for program in programs)
    return os.geteuid() == 0 and here and bool(shutil.which("unshare"))


SERVICES = ("ssh", "http", "dns", "mdns", "samba", "dhcpv6-client", "ipsec", "mine", "nfs", "llmnr-client")
SOURCES = ("10.0.0.0/8", "198.51.100.7", "192.0.2.0/25", "2001:db8::/32", "ipset:bad")
TARGETS = ("192.0.2.1", "203.0.113.0/24", "2001:db8:1::1")
ICMP = ("echo-request", "port-unreachable", "router-advertisement", "ip-header-bad", "packet-too-big")
PORTS = ("22", "80", "443", "53", "8000-8010", "137", "3306")
INTERFACES = ("eth0", "eth1", "wan", "tun+")


@dataclass(frozen=True, slots=True)
class Making:
    """Makes one configuration."""

    random: Random

    def port(self, tag: str = "port") -> str:
        return f'<{tag} port="{self.one(PORTS)}" protocol="{self.one(("tcp", "udp"))}"/>'

    def one(self, among: tuple[str, ...]) -> str:
        return self.random.choice(among)

    def rich(self, *, forwards: bool) -> str:
        """A rich rule that firewalld takes."""
        source, target = "", ""
        family = self.one(("ipv4", "ipv4", "ipv6"))
        invert = self.one(("", "", ' invert="true"'))
        if self.random.random() < 0.6:
            word = self.one(
                tuple(s for s in SOURCES if s.startswith("ipset") or (":" in s) == (family == "ipv6"))
            )
            if word.startswith("ipset"):
                source, family = f'<source ipset="bad"{invert}/>', "ipv4"
            else:
                source = f'<source address="{word}"{invert}/>'
        if self.random.random() < 0.3:
            word = self.one(tuple(t for t in TARGETS if (":" in t) == (family == "ipv6")))
            target = f'<destination address="{word}"{self.one(("", invert))}/>'
        element = self.one(
            ("service", "port", "protocol", "source-port", "icmp", "", "") + ("forward",) * forwards
        )
        action = self.one(("accept", "accept", "reject", "drop"))
        limit = self.one(("", "", "", '<limit value="2/m"/>'))
        answer = f"<{action}>{limit}</{action}>"
        if element == "service":
            inner = f'<service name="{self.one(("ssh", "http", "dns", "mine"))}"/>'
        elif element in {"port", "source-port"}:
            inner = self.port(element)
        elif element == "protocol":
            inner = f'<protocol value="{self.one(("gre", "esp", "sctp"))}"/>'
        elif element == "icmp":
            inner = f'<icmp-type name="{self.one(("echo-request", "port-unreachable"))}"/>'
        elif element == "forward":
            inner = '<forward-port port="99" protocol="tcp" to-port="22"/>'
            answer = ""
        else:
            inner = "" if source or target else self.port()
        log = self.one(("", "", '<log prefix="x" level="info"/>', "<audit/>")) if answer else ""
        priority = self.one(("", "", ' priority="-5"', ' priority="-1"', ' priority="7"'))
        return f'<rule family="{family}"{priority}>{source}{target}{inner}{log}{answer}</rule>'

    def settings(self) -> str:
        """What zones and policies have in common."""
        told = [
            f'<service name="{name}"/>' for name in self.random.sample(SERVICES, self.random.randrange(4))
        ]
        told += [self.port() for _ in range(self.random.randrange(3))]
        told += [self.port("source-port")] * (self.random.random() < 0.2)
        told += ['<protocol value="gre"/>'] * (self.random.random() < 0.2)
        return "".join(told)

    def zone(self, interfaces: list[str], sources: list[str]) -> str:
        """One zone."""
        target = self.one(("", "", ' target="ACCEPT"', ' target="DROP"', ' target="%%REJECT%%"'))
        told = self.settings()
        told += "".join(
            f'<icmp-block name="{n}"/>' for n in self.random.sample(ICMP, self.random.randrange(3))
        )
        told += "<icmp-block-inversion/>" * (self.random.random() < 0.25)
        told += "<masquerade/>" * (self.random.random() < 0.3) + "<forward/>" * (self.random.random() < 0.5)
        told += '<forward-port port="8080" protocol="tcp" to-port="80" to-addr="192.0.2.9"/>' * (
            self.random.random() < 0.3
        )
        told += "".join(self.rich(forwards=True) for _ in range(self.random.randrange(4)))
        told += "".join(f'<interface name="{name}"/>' for name in interfaces)
        for word in sources:
            told += (
                f'<source ipset="{word[6:]}"/>' if word.startswith("ipset") else f'<source address="{word}"/>'
            )
        return f"<zone{target}>{told}</zone>"

    def policy(self, zones: list[str]) -> str:
        """One policy between zones, from anywhere, or from and to the host."""
        ends = self.random.choice(
            [("ANY", "HOST"), ("ANY", "ANY"), ("HOST", "ANY"), (zones[0], "HOST"), (zones[0], "ANY"),
             ("ANY", zones[-1]), (zones[0], zones[-1]), ("HOST", zones[-1])]
        )  # fmt: skip
        target = self.one(("CONTINUE", "CONTINUE", "ACCEPT", "DROP", "REJECT"))
        told = f'<ingress-zone name="{ends[0]}"/><egress-zone name="{ends[1]}"/>' + self.settings()
        told += "".join(self.rich(forwards=False) for _ in range(self.random.randrange(3)))
        return f'<policy target="{target}" priority="{self.random.choice((-100, -1, 1, 50))}">{told}</policy>'

    def direct(self) -> str:
        """Direct rules."""
        rules = ""
        for _ in range(self.random.randrange(3)):
            family = self.one(("ipv4", "ipv6"))
            chain = self.one(("INPUT", "FORWARD", "OUTPUT"))
            words = (
                f"-p tcp --dport {self.one(('22', '81', '443'))} -j {self.one(('ACCEPT', 'DROP', 'REJECT'))}"
            )
            place = f'ipv="{family}" table="filter" chain="{chain}" priority="{self.random.randrange(3)}"'
            rules += f"<rule {place}>{words}</rule>"
        return f"<direct>{rules}</direct>"

    def configuration(self, backend: str) -> dict[str, str]:
        """All files of /etc/firewalld."""
        yes = ("yes", "no")
        interfaces, sources = list(INTERFACES), list(SOURCES)
        self.random.shuffle(interfaces)
        self.random.shuffle(sources)
        names = ["public", "home", "dmz", "alpha"][: self.random.randrange(1, 5)]
        zones = {
            name: self.zone(
                [interfaces.pop() for _ in range(self.random.randrange(2))],
                [sources.pop() for _ in range(self.random.randrange(2))],
            )
            for name in names
        }
        files = {f"zones/{name}.xml": text for name, text in zones.items()}
        for number in range(self.random.randrange(3)):
            files[f"policies/between{number}.xml"] = self.policy(names)
        files["services/mine.xml"] = (
            '<service><port port="7777" protocol="tcp"/><include service="http"/></service>'
        )
        files["ipsets/bad.xml"] = (
            '<ipset type="hash:net"><entry>203.0.113.0/25</entry><entry>198.18.0.9</entry></ipset>'
        )
        files["direct.xml"] = self.direct()
        files["firewalld.conf"] = (
            f"DefaultZone={self.one(tuple(names))}\nFirewallBackend={backend}\nIPv6_rpfilter={self.one(yes)}\n"
            f"RFC3964_IPv4={self.one(yes)}\nLogDenied={self.one(('off', 'all', 'unicast'))}\n"
        )
        return files


def library() -> dict[str, str]:
    """What firewalld brings along."""
    found = {}
    for kind in ("zones", "policies", "services"):
        for path in sorted((LIBRARY / kind).glob("*.xml")):
            found[f"lib/{kind}/{path.name}"] = path.read_text()
    return found


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is loaded, and what the program shows of it."""

    nft: str
    four: str
    six: str
    zones: str
    policies: str
    log: str


_INNER = """
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
dbus-daemon --system --fork --nopidfile --print-pid > /run/dbus.pid 2>/dev/null
firewalld --nofork --nopid --log-target=file --log-file=/run/firewalld.log & P=$!
for i in $(seq 200); do firewall-cmd --state >/dev/null 2>&1 && break; sleep 0.1; done
nft list ruleset; echo ==; iptables-save; echo ==; ip6tables-save; echo ==
firewall-cmd --list-all-zones; echo ==; firewall-cmd --list-all-policies; echo ==; cat /run/firewalld.log
kill $P; kill $(cat /run/dbus.pid); wait $P
"""


def run(folder: Path, files: dict[str, str]) -> Loaded:
    """Start the real firewalld on the files."""
    for kind in ("zones", "policies", "services", "ipsets", "icmptypes", "helpers"):
        (folder / "etc" / kind).mkdir(parents=True)
    for name, text in files.items():
        (folder / "etc" / name).write_text(text)
    (folder / "inner.sh").write_text(_INNER)
    script = "\n".join(
        [
            "set -e",
            f"mount -t tmpfs none {ROOT}/run && mkdir -p {ROOT}/run/dbus {ROOT}/run/lock",
            f"mount --bind /proc {ROOT}/proc; mount --bind /dev {ROOT}/dev",
            f"mount --bind {folder}/etc {ROOT}/etc/firewalld",
            f"cp {folder}/inner.sh {ROOT}/run/inner.sh",
            "ip link set lo up",
            f"chroot {ROOT} bash /run/inner.sh",
        ]
    )
    done = subprocess.run(
        ["unshare", "-mn", "--propagation", "private", "bash", "-c", script],  # noqa: S607
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    parts = done.stdout.split("==\n")
    assert len(parts) == 6, done.stderr
    return Loaded(*parts)
