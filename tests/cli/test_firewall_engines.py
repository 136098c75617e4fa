"""``firewall`` names the programs that wrote rules, and what engines of containers publish by them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.recorded import call

if TYPE_CHECKING:
    from pathlib import Path

FILTER = """*filter
:INPUT DROP [0:0]
:FORWARD {forward} [0:0]
:OUTPUT ACCEPT [0:0]
{chains}
COMMIT
"""
DOCKER = """*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A DOCKER -i docker0 -j RETURN
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
COMMIT
""" + FILTER.format(
    forward="DROP",
    chains=":DOCKER - [0:0]\n-A FORWARD -o docker0 -j DOCKER\n"
    "-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT",
)
KUBERNETES = """*nat
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-EXT-AAAA - [0:0]
:KUBE-SVC-AAAA - [0:0]
:KUBE-SEP-BBBB - [0:0]
:KUBE-MARK-MASQ - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
-A KUBE-NODEPORTS -p tcp -m comment --comment "shop/web" -m tcp --dport 30080 -j KUBE-EXT-AAAA
-A KUBE-EXT-AAAA -j KUBE-MARK-MASQ
-A KUBE-EXT-AAAA -j KUBE-SVC-AAAA
-A KUBE-SVC-AAAA -m comment --comment "shop/web -> 10.244.1.5:8443" -j KUBE-SEP-BBBB
-A KUBE-SEP-BBBB -p tcp -m comment --comment "shop/web" -m tcp -j DNAT --to-destination 10.244.1.5:8443
COMMIT
""" + FILTER.format(forward="ACCEPT", chains=":KUBE-FORWARD - [0:0]\n-A FORWARD -j KUBE-FORWARD")
KUBE_PROXY = """table ip kube-proxy {
\tmap service-nodeports {
\t\ttype inet_proto . inet_service : verdict
\t\telements = { tcp . 30080 : goto service-AAAA }
\t}
\tchain nat-prerouting {
\t\ttype nat hook prerouting priority dstnat; policy accept;
\t\ttcp dport 30080 jump service-AAAA
\t}
\tchain service-AAAA {
\t\tmeta l4proto tcp dnat to 10.244.1.5:8443
\t}
}
"""
PODMAN = """table inet netavark {
\tchain PREROUTING {
\t\ttype nat hook prerouting priority dstnat; policy accept;
\t\tfib daddr type local jump NETAVARK-HOSTPORT-DNAT
\t}
\tchain NETAVARK-HOSTPORT-DNAT {
\t\ttcp dport 8080 jump nv_2f259bab_10_88_0_0_nm16_dnat
\t}
\tchain nv_2f259bab_10_88_0_0_nm16_dnat {
\t\tip daddr != 127.0.0.0/8 tcp dport 8080 dnat ip to 10.88.0.5:80
\t}
}
"""


def told(path: Path, text: str) -> dict[str, Any]:
    path.write_text(text)
    (file,) = json.loads(call("firewall", path, "-f", "json").out)["files"]
    assert isinstance(file, dict)
    return file


@pytest.mark.parametrize(
    ("text", "by", "port", "to", "line"),
    [
        (DOCKER, "Docker", 8080, "172.17.0.2:80", "DNAT"),
        (KUBERNETES, "Kubernetes", 30080, "10.244.1.5:8443", "DNAT"),
        (KUBE_PROXY, "Kubernetes", 30080, "10.244.1.5:8443", "dnat to"),
        (PODMAN, "Podman", 8080, "10.88.0.5:80", "dnat ip"),
    ],
    ids=["docker", "kubernetes", "kube-proxy", "podman"],
)
def test_what_an_engine_publishes(tmp_path: Path, text: str, by: str, port: int, to: str, line: str) -> None:
    file = told(tmp_path / "rules", text)
    assert by in file["programs"]
    published = [one for one in file["published"] if one["family"] == "ipv4" and one["protocol"] == "tcp"]
    assert [(one["by"], one["ports"], one["to"]) for one in published] == [(by, [port, port], to)]
    assert line in text.split("\n")[published[0]["line"] - 1]


def test_who_gets_there_and_past_which_filter(tmp_path: Path) -> None:
    (one,) = told(tmp_path / "rules", DOCKER)["published"]
    assert (one["sources"], one["around"]) == ("anywhere", True)
    closed = DOCKER.replace("-A DOCKER -d 172.17.0.2/32", "-A DOCKER -s 10.0.0.0/8 -d 172.17.0.2/32")
    (one,) = told(tmp_path / "rules", closed)["published"]
    assert one["sources"] == "named"


def test_a_persons_own_forwarding_is_no_engines(tmp_path: Path) -> None:
    mine = DOCKER.replace("DOCKER", "MINE").replace("docker0", "br0")
    file = told(tmp_path / "rules", mine)
    assert (file["programs"], file["published"]) == ([], [])
    rule = "-A PREROUTING -p tcp -m tcp --dport 99 -j DNAT --to-destination 10.0.0.9:22\n"
    both = told(tmp_path / "rules", DOCKER.replace("-A POSTROUTING", f"{rule}-A POSTROUTING", 1))
    assert {one["by"] for one in both["published"]} == {"Docker"}


@pytest.mark.parametrize(("language", "words"), [("zh", "Docker 发布"), ("en", "Docker publishes")])
def test_what_people_read(tmp_path: Path, language: str, words: str) -> None:
    path = tmp_path / "rules"
    path.write_text(DOCKER)
    assert words in call("--lang", language, "firewall", path).out
