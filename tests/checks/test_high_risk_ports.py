"""The list of high-risk ports: what it names, how it reads, and what it refuses."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from scanner.checks.service import HighRiskPorts
from tests.checks.build import ask, filtering, listeners, socket


@pytest.mark.parametrize(
    ("tcp", "udp", "shown"),
    [
        ((), (), "tcp -, udp -"),
        ((23,), (69,), "tcp 23, udp 69"),
        ((21, 20, 22, 5900, 22), (1, 3), "tcp 20-22 5900, udp 1 3"),
    ],
)
def test_the_list_reads_short(tcp: tuple[int, ...], udp: tuple[int, ...], shown: str) -> None:
    assert str(HighRiskPorts(tcp, udp)) == shown


@pytest.mark.parametrize("port", ["0", "65536", "-1", "ssh", ""])
def test_what_is_no_port_is_refused(port: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(HighRiskPorts).validate_python({"tcp": [port], "udp": []})


def test_the_finding_names_the_list() -> None:
    for facts in ((listeners(), filtering()), (listeners(socket("tcp 0.0.0.0 23", "x")), filtering())):
        message = ask("service.high-risk-ports-closed", *facts).message
        assert "20-21 23 69" in message.en
        assert "20-21 23 69" in message.zh
