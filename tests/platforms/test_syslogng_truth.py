"""What we read in syslog-ng's log paths against where syslog-ng really writes each record."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from collectors.evidence import Document
from collectors.platforms.linux.syslogng import Routing
from collectors.platforms.linux.syslogng_filter import FACILITIES, SEVERITIES, bit
from collectors.platforms.linux.syslogng_paths import Grammar
from collectors.platforms.linux.syslogng_text import MAIN, Words, read_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(shutil.which("syslog-ng") is None, reason="needs syslog-ng")

TREES = 20
DEADLINE_SECONDS = 20
HEAD = "@version: 3.38\n"
END = 'log { source(s%d); filter { program("sentinel"); }; destination(end); };\n'
"""A path of its own for the last record of each tree: once it is written, all before it are."""


class Made:
    """Log paths out of nothing; ``number`` makes their files' names differ from tree to tree.

    ``ordinary`` ones filter first, then write, without anything nested, as packages' own files do.
    """

    def __init__(self, random: Random, number: int, *, ordinary: bool) -> None:
        self.random, self.number, self.ordinary, self.files = random, number, ordinary, 0
        self.filters: list[str] = []

    def text(self) -> str:
        defined = "".join(
            f"filter f{self.number}_{n} {{ {self.expression(2)} }};\n"
            for n in range(self.random.randint(1, 3))
        )
        self.filters = [f"f{self.number}_{n}" for n in range(defined.count("filter f"))]
        paths = "".join(self.path() for _ in range(self.random.randint(1, 4)))
        return defined + paths

    def path(self) -> str:
        if not self.ordinary:
            return f"log {{ source(s{self.number}); {self.content(2)} }};\n"
        filters = (f"filter {{ {self.expression(2)} }};" for _ in range(self.random.randint(0, 2)))
        flags = [flag for flag in ("final", "fallback") if self.random.random() < 0.3]
        tail = f" flags({','.join(flags)});" if flags else ""
        return f"log {{ source(s{self.number}); {' '.join(filters)} {self.written()}{tail} }};\n"

    def content(self, depth: int) -> str:
        pick = self.random.choice
        items = [self.item(depth) for _ in range(self.random.randint(1, 3))]
        if depth and self.random.random() < 0.3:
            items += [f"log {{ {self.content(depth - 1)} }};" for _ in range(self.random.randint(1, 2))]
        flags = [
            f for f in ("final", "fallback", "flow_control", "drop-unmatched") if self.random.random() < 0.2
        ]
        if flags:
            items.append(f"flags({pick((', ', ' ', ',')).join(flags)});")
        return " ".join(items)

    def item(self, depth: int) -> str:
        kind = self.random.choice(
            ("filter", "filter", "destination", "destination", "named", "junction", "if")
        )
        if kind == "filter":
            return f"filter {{ {self.expression(2)} }};"
        if kind == "named" and self.filters:
            return f"filter({self.random.choice(self.filters)});"
        if kind == "junction" and depth:
            channels = (f"channel {{ {self.content(depth - 1)} }};" for _ in range(self.random.randint(1, 3)))
            return f"junction {{ {' '.join(channels)} }};"
        if kind == "if" and depth:
            other = self.random.choice(("", f" else {{ {self.item(0)} }}"))
            return f"if ({self.expression(1)}) {{ {self.item(0)} }}{other};"
        return self.written()

    def written(self) -> str:
        self.files += 1
        return f'destination {{ file("/OUT/t{self.number}-{self.files}" template("$PRI\\n")); }};'

    def expression(self, depth: int) -> str:
        pick = self.random.choice
        kind = self.random.randint(0, 6 if depth else 2)
        if kind in {0, 1}:
            names = [pick(FACILITIES[:12] + FACILITIES[16:]) for _ in range(self.random.randint(1, 6))]
            return f"facility({pick((', ', ',')).join(names)})"
        if kind == 2:
            first, last = pick(SEVERITIES), pick(SEVERITIES)
            return f"{pick(('level', 'priority'))}({pick((first, f'{first}..{last}', f'{first},{last}'))})"
        if kind == 3:
            return f"not {self.expression(0)}"
        if kind == 4 and self.filters:
            return f"filter({pick(self.filters)})"
        if kind == 5:
            return f"({self.expression(depth - 1)})"
        return f"{self.expression(depth - 1)} {pick(('and', 'or'))} {self.expression(depth - 1)}"


def sent(place: Path) -> None:
    """Give one record of each facility and severity to a socket, then the one that ends it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as gate:
        gate.settimeout(DEADLINE_SECONDS)
        gate.connect(str(place))
        for facility in range(24):
            for severity in range(8):
                gate.send(f"<{facility * 8 + severity}>Nov 22 01:00:00 x: y".encode())
        gate.send(b"<13>Nov 22 01:00:00 sentinel: end")


def run(text: str, folder: Path, sockets: int) -> None:
    (folder / "real.conf").write_text(text)
    arguments = [f"--{n}={folder}/x.{n}" for n in ("control", "persist-file", "pidfile")]
    with (folder / "said").open("wb") as said:
        daemon = subprocess.Popen(
            [str(shutil.which("syslog-ng")), "-F", "--no-caps", f"--cfgfile={folder}/real.conf", *arguments],
            stdout=said,
            stderr=said,
        )
    try:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not all((folder / f"s{n}").exists() for n in range(sockets)) and daemon.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert daemon.poll() is None, (folder / "said").read_text()[:2000]
        for n in range(sockets):
            sent(folder / f"s{n}")
        end = folder / "end"
        while not end.exists() or end.read_text().count("\n") < sockets:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        daemon.terminate()
        daemon.wait(timeout=DEADLINE_SECONDS)


def read(text: str) -> dict[str, tuple[int, int]]:
    """What surely and what possibly comes to each file, as we read it."""
    tokens = read_tokens({MAIN: Document(f"host/x:{MAIN}", tuple(text.split("\n")))})
    routing = Routing(Grammar(Words(tokens)).read())
    return {
        reached.call.word: (routing.own(reached).sure, routing.own(reached).may)
        for reached in routing.reached.values()
    }


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose name leaves room: syslog-ng tells sockets apart by their first letters only."""
    with tempfile.TemporaryDirectory(prefix="n") as folder:
        yield Path(folder)


@pytest.mark.parametrize("ordinary", [True, False], ids=["ordinary", "wild"])
@pytest.mark.parametrize("seed", range(3))
def test_records_come_where_we_say(seed: int, ordinary: bool, short: Path) -> None:
    random = Random(seed)  # noqa: S311 - configurations, not keys
    trees = [Made(random, n, ordinary=ordinary) for n in range(TREES)]
    texts = [tree.text() for tree in trees]
    real = "".join(
        f'source s{n} {{ unix-dgram("{short}/s{n}"); }};\n' + END % n + text for n, text in enumerate(texts)
    )
    end = f'destination end {{ file("{short}/end"); }};\n'
    run(HEAD + end + real.replace("/OUT/", f"{short}/"), short, TREES)
    exact = places = 0
    for n, text in enumerate(texts):
        ours = read(f'{HEAD}source s{n} {{ unix-dgram("/dev/log"); }};\n{text}')
        assert len(ours) == text.count("/OUT/")
        for path, (sure, may) in ours.items():
            file = short / path.removeprefix("/OUT/")
            came = 0
            for line in file.read_text().split() if file.exists() else ():
                came |= bit(int(line) >> 3, int(line) & 7)
            assert sure & ~came == 0, f"surely, yet not there: {path}\n{text}"
            assert came & ~may == 0, f"never, yet there: {path}\n{text}"
            places, exact = places + 1, exact + (sure == may)
    assert exact == places if ordinary else exact > 0, (exact, places)
