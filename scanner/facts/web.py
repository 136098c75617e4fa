"""Facts about web servers' own files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.facts.value import Fact

if TYPE_CHECKING:
    from scanner.model import Citation


@dataclass(frozen=True, slots=True)
class WebTlsPort:
    """A TCP port on which the files of a web server ask for TLS.

    ``versions`` holds every version that any virtual server of the port allows, as the files spell them
    (``TLSv1.2``); None: one of them leaves it to the program's default, which differs by its release.
    """

    port: int
    versions: tuple[str, ...] | None
    at: Citation  # the line that asks for TLS on the port
    versions_at: tuple[Citation, ...]  # the lines that allow versions


@dataclass(frozen=True, slots=True)
class WebTls(Fact):
    """What a web server's files say about TLS; the server that runs may not have read them yet.

    ``program`` names the process that reads these files. No ports: the whole configuration was seen, or it
    is known not to be there.
    """

    program: str
    ports: tuple[WebTlsPort, ...]
