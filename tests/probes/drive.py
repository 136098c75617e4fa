"""Runs single probes, as the prober would: ``drive.py ADDRESS PROBE:PORT...``; JSON lines on stdout.

Each line: ``probe``, ``port``, ``seconds``, ``content`` (the exchange).
"""

from __future__ import annotations

import ipaddress
import json
import secrets
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from collectors.platforms.wire.limits import CONNECTION
from collectors.probes import banner, ike, openvpn, protocols, rights, snmp, ssh, tls
from collectors.probes.purse import Clock, Purse
from collectors.probes.recorder import Recorder
from collectors.probes.target import Target
from scanner.model import Budget


def banners(target: Target, port: int) -> bytes:
    """All conversations of the step, whatever the port says."""
    recorder = Recorder(target.clock.now)
    banner.greet(target, port, recorder)
    banner.request(target, port, recorder)
    banner.head(target, port, recorder)
    return recorder.content


def ip_protocols(target: Target, port: int) -> bytes:
    """All IP protocols."""
    assert port == 0
    sockets = rights.open_raw()
    assert sockets is not None
    return protocols.send(target, sockets, protocols.builder())


SENDERS = {
    "banner": banners,
    "tls": tls.send,
    "ssh": ssh.send,
    "openvpn-tcp": openvpn.send_tcp,
    "openvpn": openvpn.send,
    "ike": ike.send,
    "snmp": snmp.send,
    "ip-protocols": ip_protocols,
}


def main(address: str, *asked: str) -> None:
    """Run the probes side by side, each with money of its own."""
    clock = Clock(time.monotonic, time.sleep)
    budget = Budget(packets_per_second=2000, packets=1_000_000, connections=10_000, seconds=600)

    def run(one: str) -> str:
        purse = Purse(budget, clock, CONNECTION)
        target = Target(ipaddress.ip_address(address), purse, clock, secrets.token_bytes)
        probe, _, port = one.partition(":")
        began = time.monotonic()
        content = SENDERS[probe](target, int(port))
        took = time.monotonic() - began
        return json.dumps({"probe": probe, "port": int(port), "seconds": took, "content": content.decode()})

    with ThreadPoolExecutor(len(asked)) as pool:
        sys.stdout.writelines(f"{line}\n" for line in pool.map(run, asked))


if __name__ == "__main__":
    main(*sys.argv[1:])
