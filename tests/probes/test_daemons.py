"""Real daemons behind a cable: what a look makes of them, what it costs, and what it may not do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from collectors.base import Probe
from collectors.platforms.wire import PLATFORM
from collectors.platforms.wire.steps import PORTS_TCP, asked_for
from collectors.transport.probe import ProbeTransport
from scanner.errors import ObservationError
from scanner.facts import Offer, OpenPorts, PortState, SshWire, TlsEndpoints, VpnEndpoints, WireServices
from scanner.model import Budget, Capture, Gap, GapReason, Reach, TransportKind
from tests.probes.conftest import GENEROUS, TARGET, TARGET6, announced

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.probes.conftest import Pair

pytestmark = pytest.mark.wire

PLAIN = """
import http.server, sys
server = http.server.HTTPServer((sys.argv[1], 80), http.server.SimpleHTTPRequestHandler)
print("ready", flush=True)
server.serve_forever()
"""


def openssl(*argv: str, cwd: Path) -> None:
    subprocess.run(("/usr/bin/openssl", *argv), cwd=cwd, check=True, capture_output=True)


@pytest.fixture(scope="module")
def served(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """SSH on 22, HTTP on 80, TLS 1.2 and 1.3 on 443, TLS 1.0 to 1.2 on 444, TLS 1.3 alone on 445."""
    for needed in ("/usr/sbin/sshd", "/usr/bin/openssl", "/usr/bin/ssh-keygen"):
        if not os.access(needed, os.X_OK):
            pytest.skip(f"no {needed}")
    folder = tmp_path_factory.mktemp("served")
    signing = ("req", "-x509", "-nodes", "-days", "3")
    names = ("-addext", "subjectAltName=DNS:new.example,IP:192.0.2.2")
    new = ("-newkey", "rsa:2048", "-keyout", "k.pem", "-out", "c.pem", "-subj", "/CN=new.example", *names)
    old = ("-newkey", "rsa:1024", "-sha1", "-keyout", "ok.pem", "-out", "oc.pem", "-subj", "/CN=old.example")
    openssl(*signing, *new, cwd=folder)
    openssl(*signing, *old, cwd=folder)
    subprocess.run(
        ("/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "hk")), check=True
    )
    os.makedirs("/run/sshd", mode=0o755, exist_ok=True)  # noqa: PTH103 - where sshd wants it
    tls = ("/usr/bin/openssl", "s_server", "-quiet", "-www", "-4", "-accept")
    with (
        pair.serving("/usr/sbin/sshd", "-D", "-f", "/dev/null", "-h", str(folder / "hk"), "-o", "UsePAM=no",
                     "-o", "PidFile=none", until=""),
        pair.serving(sys.executable, "-c", PLAIN, TARGET),
        pair.serving(*tls, "443", "-key", "k.pem", "-cert", "c.pem", until="", cwd=folder),
        pair.serving(*tls, "444", "-key", "ok.pem", "-cert", "oc.pem", "-no_tls1_3", "-cipher",
                     "ALL:@SECLEVEL=0", until="", cwd=folder),
        pair.serving(*tls, "445", "-key", "k.pem", "-cert", "c.pem", "-tls1_3", until="", cwd=folder),
    ):  # fmt: skip
        time.sleep(1.5)
        yield pair


def offers(endpoints: TlsEndpoints, port: int) -> dict[str, Offer]:
    (endpoint,) = (e for e in endpoints.endpoints if e.port == port)
    return {version.version: version.offer for version in endpoint.versions}


def test_a_look_at_real_daemons(served: Pair) -> None:
    seen = served.look()
    assert not [r for r in seen.records if isinstance(r, Gap)]
    ports = seen.sheet.get(OpenPorts)
    assert isinstance(ports, OpenPorts)
    assert [p.number for p in ports.open()] == [22, 80, 443, 444, 445]
    assert not ports.unseen
    services = seen.sheet.get(WireServices)
    assert isinstance(services, WireServices)
    assert [s.family for s in services.services] == ["ssh", "http", "tls", "tls", "tls"]
    assert [s.cleartext for s in services.services] == [False, True, False, False, False]
    assert not services.unseen
    tls = seen.sheet.get(TlsEndpoints)
    assert isinstance(tls, TlsEndpoints)
    assert not tls.unseen
    yes, no = Offer.OFFERED, Offer.REFUSED
    assert list(offers(tls, 443).values()) == [no, no, no, yes, yes]
    assert list(offers(tls, 444).values()) == [no, yes, yes, yes, no]
    assert list(offers(tls, 445).values()) == [no, no, no, no, yes]
    new, old, only13 = (e.certificate for e in tls.endpoints)
    assert not isinstance(new, Gap)
    assert not isinstance(old, Gap)
    assert not isinstance(only13, Gap)
    assert (new.subject, new.key_bits, new.self_signed) == ("CN=new.example", 2048, True)
    assert new.names == ("new.example", "192.0.2.2")
    assert (old.key_bits, old.signature_hash) == (1024, "sha1")
    assert only13.fingerprint == new.fingerprint
    ssh = seen.sheet.get(SshWire)
    assert isinstance(ssh, SshWire)
    assert [e.port for e in ssh.endpoints] == [22]
    assert ssh.endpoints[0].host_keys == ("ssh-ed25519",)
    vpn = seen.sheet.get(VpnEndpoints)
    assert isinstance(vpn, VpnEndpoints)
    assert {(a.family, a.protocol): a.presence.value for a in vpn.answers} == {
        ("ipsec", "udp"): "absent", ("openvpn", "udp"): "absent",
        ("gre", "ip"): "absent", ("ipip", "ip"): "absent", ("ipsec", "ip"): "absent",
    }  # fmt: skip

    form = {step.id: announced(step.id) for step in PLATFORM.steps}
    opened = {f"tcp/{p.number}" for p in ports.open()}
    each = sum(f.packets for f in form.values() if f.per_port)
    for port in opened:
        assert seen.counted["packets_to"][port] <= each + 2 * 3, "its share of the sweep and its own probes"
        assert seen.counted["connections_to"][port] <= sum(f.connections for f in form.values() if f.per_port)
    swept = sum(n for to, n in seen.counted["packets_to"].items() if to[:4] == "tcp/" and to not in opened)
    assert swept <= form["ports-tcp"].packets
    datagrams = sum(n for to, n in seen.counted["packets_to"].items() if to[:4] == "udp/")
    assert datagrams <= sum(form[i].packets for i in ("ports-udp", "ike", "openvpn", "snmp"))
    assert (
        sum(seen.counted["packets_to"].get(f"ip/{n}", 0) for n in (4, 47, 50)) <= form["ip-protocols"].packets
    )
    assert seen.counted["packets"] <= GENEROUS.packets


def test_the_same_over_ipv6(served: Pair) -> None:
    seen = served.look(TARGET6)
    ports = seen.sheet.get(OpenPorts)
    assert isinstance(ports, OpenPorts)
    assert 22 in [p.number for p in ports.open()]
    gaps = [r for r in seen.records if isinstance(r, Gap)]
    assert [(g.step, g.reason) for g in gaps] == [("ip-protocols", GapReason.NOT_COLLECTED)]


def test_an_unprivileged_user_does_all_but_raw_packets(served: Pair) -> None:
    """A user namespace without a mapping: our files, and no right in the network namespace."""
    if subprocess.run(("/usr/bin/unshare", "-U", "true"), check=False).returncode:
        pytest.skip("no user namespaces here")
    seen = served.look(within=("unshare", "-U"))
    lost = {r.step: r for r in seen.records if isinstance(r, Gap)}
    assert set(lost) == {"ports-udp", "ip-protocols"}
    assert all(g.reason is GapReason.PERMISSION and g.needs == "root or CAP_NET_RAW" for g in lost.values())
    ports = seen.sheet.get(OpenPorts)
    assert isinstance(ports, OpenPorts)
    assert [p.number for p in ports.open()] == [22, 80, 443, 444, 445]
    assert {p.state for p in ports.ports} == {PortState.OPEN}
    assert [g.step for g in ports.unseen] == ["ports-udp"]
    tls = seen.sheet.get(TlsEndpoints)
    assert isinstance(tls, TlsEndpoints)
    assert len(tls.endpoints) == 3
    vpn = seen.sheet.get(VpnEndpoints)
    assert isinstance(vpn, VpnEndpoints)
    assert [(u.protocol, u.gap.reason) for u in vpn.unseen] == [("ip", GapReason.PERMISSION)]
    assert seen.counted["packets_to"].get("tcp/1", 0) <= 4
    swept = sum(n for to, n in seen.counted["packets_to"].items() if to[:4] == "tcp/" and int(to[4:]) < 20)
    assert swept <= 19 * 4


def test_further_ports_are_swept_and_asked_within_what_is_announced(pair: Pair) -> None:
    further = ((34560, 34579), (80, 80))
    sweep = asked_for(PORTS_TCP, further).form
    assert isinstance(sweep, Probe)
    with pair.serving(sys.executable, "-c", PLAIN.replace("80", "34567"), TARGET):
        seen = pair.look(ports=further)
    services = seen.sheet.get(WireServices)
    assert isinstance(services, WireServices)
    assert (34567, "http") in [(s.port, s.family) for s in services.services]
    ports = seen.sheet.get(OpenPorts)
    assert isinstance(ports, OpenPorts)
    opened = {f"tcp/{p.number}" for p in ports.open()}
    assert "tcp/34567" in opened
    assert "tcp/34560-34579" in ports.asked
    assert "tcp/34560" in seen.counted["packets_to"]
    swept = sum(n for to, n in seen.counted["packets_to"].items() if to[:4] == "tcp/" and to not in opened)
    assert swept <= sweep.packets


def test_further_ports_that_the_budget_has_no_packets_for_are_missed_and_the_usual_are_not(
    pair: Pair,
) -> None:
    seen = pair.look(budget=replace(GENEROUS, packets=6000), ports=((30000, 31000),))
    assert seen.counted["packets"] <= 6000
    assert "tcp/30000" not in seen.counted["packets_to"]
    ports = seen.sheet.get(OpenPorts)
    assert isinstance(ports, OpenPorts)
    (missed,) = ports.unseen
    assert (missed.reason, missed.step, missed.subject) == (
        GapReason.NOT_COLLECTED, "ports-tcp", "tcp/30000-31000",
    )  # fmt: skip
    assert missed.needs == "a larger budget of packets"


def test_rights_are_gone_before_anything_is_read(pair: Pair) -> None:
    program = """
import os
from pathlib import Path
from collectors.probes import rights
status = Path("/proc/self/status").open()
names = lambda: Path("/etc/passwd").read_text()
sockets = rights.open_raw()
rights.give_away()
told = [os.getuid(), os.geteuid(), os.getgid(), len(os.getgroups())]
for act in (lambda: Path("/tmp/mlps-should-not-be").write_text("x"), os.fork, lambda: os.setuid(0), names):
    try:
        act()
    except OSError:
        told.append("no")
    else:
        told.append("yes")
caps = [l.split()[1] for l in status if l.startswith("Cap") and "Bnd" not in l]
print(told, set(map(lambda c: int(c, 16), caps)), sockets is not None)
"""
    done = subprocess.run(
        (*pair.prefix, sys.executable, "-c", program), capture_output=True, text=True, check=False
    )
    assert done.stdout == "[65534, 65534, 65534, 0, 'no', 'no', 'no', 'no'] {0} True\n", done.stderr


def reach(pair: Pair, address: str = TARGET, prefix: tuple[str, ...] | None = None) -> Reach:
    return Reach(
        "host@here", "wire", TransportKind.PROBE, "here",
        prefix=pair.prefix if prefix is None else prefix, address=address, budget=Budget(seconds=30),
    )  # fmt: skip


@pytest.mark.parametrize("address", ["example.org", "", "192.0.2.2 --script=evil", "192.0.2.0/24", "-oN"])
def test_nothing_but_an_address_is_ever_asked(pair: Pair, address: str) -> None:
    with pytest.raises(ObservationError) as raised:
        list(ProbeTransport(reach(pair, address), time.monotonic).run(PLATFORM.steps))
    assert raised.value.gap.reason is GapReason.NOT_COLLECTED


@pytest.mark.parametrize(
    ("prefix", "reason"),
    [
        (("/nonexistent/enter",), GapReason.COMMAND_MISSING),
        (("ip", "netns", "exec", "mplp-nobody"), GapReason.COMMAND_FAILED),
        (("true",), GapReason.COMMAND_FAILED),
        (("/bin/sh", "-c", "kill -9 $$"), GapReason.COMMAND_FAILED),
    ],
)
def test_a_prober_that_does_not_begin_or_end_well(
    pair: Pair, prefix: tuple[str, ...], reason: GapReason
) -> None:
    with pytest.raises(ObservationError) as raised:
        list(ProbeTransport(reach(pair, prefix=prefix), time.monotonic).run(PLATFORM.steps))
    assert raised.value.gap.reason is reason


def test_a_look_that_is_broken_off_leaves_nobody_behind(pair: Pair) -> None:
    look = ProbeTransport(reach(pair), time.monotonic)
    failures: list[ObservationError] = []
    taken: list[Capture | Gap] = []

    def run() -> None:
        try:
            taken.extend(look.run(PLATFORM.steps))
        except ObservationError as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(2.5)
    look.stop()
    thread.join(5)
    assert not thread.is_alive()
    assert [f.gap.reason for f in failures] == [GapReason.TIMED_OUT]
    ip = shutil.which("ip") or "ip"
    inside = subprocess.run((ip, "netns", "pids", pair.vantage), capture_output=True, text=True, check=True)
    assert not inside.stdout.split(), "nmap and the prober are gone"


def test_no_route(pair: Pair) -> None:
    with pytest.raises(ObservationError) as raised:
        list(ProbeTransport(reach(pair, "198.51.100.7"), time.monotonic).run(PLATFORM.steps))
    assert raised.value.gap.reason is GapReason.UNREACHABLE
