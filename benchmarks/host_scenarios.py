"""Thousands of small host states with a public rule set's labels, against our facts (goal: 0.95 balanced).

Each state is a delta over one base ``/etc``. It is unpacked, looked at through the tree transport as ``scan``
would, and what its rule asks is asked of our facts. Not seeing counts as wrong. A label that contradicts what
the software really does is listed with the proof and counted apart.

Run as root (files have owners): ``.venv/bin/python benchmarks/host_scenarios.py --states FILE --base TAR``.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import shutil
import sys
import tarfile
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.scenarios import TOPICS
from benchmarks.scenarios.left_out import why_left_out
from benchmarks.scenarios.rule import AT, Rule
from collectors.answers import Origin
from collectors.evidence import Evidence
from collectors.platforms.linux import PLATFORM
from collectors.reading import read_sheet
from collectors.redact import redact
from collectors.transport.tree import TreeTransport
from scanner.facts import FactSheet
from scanner.model import Gap, GapReason

KEY = b"a benchmark's masks protect nobody"
GOAL, TOPIC_GOAL, FALSE_CONFORM_GOAL, MANY = 0.95, 0.90, 0.01, 20


@dataclass(frozen=True, slots=True)
class State:
    """One labelled state of a host."""

    id: str
    rule: str
    scenario: str
    expected: bool
    variables: Mapping[str, str]
    delta: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What our facts said of one state; ``crash`` is our own mistake, if any."""

    state: State
    topic: str
    said: bool | None
    why: str
    dispute: str
    crash: str = ""

    @property
    def agrees(self) -> bool:
        """Whether facts and label say the same; not seeing never does."""
        return self.said is self.state.expected


def read_states(path: Path) -> Iterator[State]:
    """States of a file of JSON lines, packed or plain."""
    packed = path.read_bytes()
    for line in (gzip.decompress(packed) if path.suffix == ".gz" else packed).splitlines():
        raw = json.loads(line)
        yield State(
            raw["id"],
            raw["rule"],
            re.sub(r"\.(pass|fail)\.sh@.*$", "", raw["id"].rpartition("/")[2]),
            raw["expected"] == "pass",
            variables(raw["variables"]),
            raw,
        )


def variables(text: str) -> dict[str, str]:
    """``a=1,b=x,y`` by name: a comma divides only where another name follows it."""
    parts = re.split(r",\s*(?=[A-Za-z_]\w*\s*=)", text) if text else []
    return {name.strip(): value.strip() for name, _, value in (part.partition("=") for part in parts)}


def topic_of(rule: str) -> tuple[str, Rule] | None:
    """The topic under which a rule is answered, and the rule; None: it is left out."""
    return next(((topic, rules[rule]) for topic, rules in TOPICS.items() if rule in rules), None)


# --- states on disk --------------------------------------------------------------------------------


def unpack(base: Path, into: Path) -> Path:
    """Unpack the base tree with its owners and modes."""
    with tarfile.open(base) as archive:
        # Pythons before 3.11.4 know no filters and trust every archive.
        archive.extraction_filter = getattr(tarfile, "fully_trusted_filter", None)
        archive.extractall(into, numeric_owner=True)  # noqa: S202 - the corpus
    return into


def lay_over(tree: Path, delta: Mapping[str, Any]) -> None:
    """Make the base in ``tree`` the state that ``delta`` describes."""
    for path in delta["deleted"]:
        _remove(tree / path.lstrip("/"))
    for path, entry in sorted(delta["dirs"].items()):
        place = tree / path.lstrip("/")
        place.mkdir(parents=True, exist_ok=True)
        _own(place, entry)
    for path, entry in delta["files"].items():
        place = tree / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        _remove(place)
        if "link" in entry:
            place.symlink_to(entry["link"])
        else:
            _write(place, entry)


def take_back(tree: Path, delta: Mapping[str, Any], base: Path) -> None:
    """Make ``tree`` the base again."""
    for path in sorted({*delta["deleted"], *delta["dirs"], *delta["files"]}):
        parts = Path(path.lstrip("/"))
        new = next((p for p in (*reversed(parts.parents), parts) if not os.path.lexists(base / p)), None)
        if new is not None:
            _remove(tree / new)
        elif (base / parts).is_dir() and (tree / parts).is_dir():
            _like(base / parts, tree / parts)
        else:
            _remove(tree / parts)
            copy(base / parts, tree / parts)


def copy(source: Path, target: Path) -> None:
    """Copy a file, link or folder with all that is in it, modes and owners included."""
    if source.is_symlink():
        target.symlink_to(source.readlink())
    elif source.is_dir():
        target.mkdir()
        for inner in source.iterdir():
            copy(inner, target / inner.name)
        _like(source, target)
    else:
        shutil.copyfile(source, target)
        _like(source, target)


def _like(source: Path, target: Path) -> None:
    found = source.stat()
    os.chown(target, found.st_uid, found.st_gid)
    shutil.copystat(source, target)


def _write(place: Path, entry: Mapping[str, Any]) -> None:
    """Write a file; of one whose bytes are not kept (a program) only the size is."""
    place.write_text(entry.get("text") or "", errors="surrogateescape")
    if not entry.get("text") and entry["size"]:
        os.truncate(place, entry["size"])
    _own(place, entry)


def _own(place: Path, entry: Mapping[str, Any]) -> None:
    os.chown(place, entry["uid"], entry["gid"])
    place.chmod(int(entry["mode"], 8))


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


# --- asking ----------------------------------------------------------------------------------------


def look(tree: Path, name: str) -> FactSheet:
    """Facts of one tree, as a scan of it has them."""
    transport = TreeTransport(str(tree), Origin(name, PLATFORM.name, ""), lambda: AT)
    records = [redact(record, KEY) for record in transport.run(PLATFORM.steps)]
    return read_sheet(Evidence.of(name, PLATFORM, records))


def ask(state: State, topic: str, rule: Rule, sheet: FactSheet) -> Answer:
    """Ask what the rule asks."""
    bugs = [e for e in sheet.entries.values() if isinstance(e, Gap) and e.reason is GapReason.BUG]
    crash, said = (bugs[0].detail if bugs else ""), None
    try:
        said = rule.asks(sheet, state.variables)
    except Exception:  # noqa: BLE001 - a crash is what this program counts
        crash = traceback.format_exc(limit=4)
    gaps = [f"{k.__name__}: {e.detail}" for k, e in sheet.entries.items() if isinstance(e, Gap)]
    telling = [gap for gap in gaps if "no running state" not in gap]
    why = "; ".join(telling) if said is None else ""
    dispute = ""
    if said is not state.expected:
        dispute = rule.disputes.get(state.scenario, "") or rule.dispute(sheet, state.variables)
    return Answer(state, topic, said, why, dispute, crash)


def answers(states: Sequence[State], base: Path, only: str) -> Iterator[Answer]:
    """Look at every state of a covered rule, one after the other."""
    with tempfile.TemporaryDirectory() as scratch:
        root = unpack(base, Path(scratch, "base"))
        tree = Path(scratch, "state")
        copy(root, tree)
        for number, state in enumerate(states, 1):
            found = topic_of(state.rule)
            if found is None or not re.search(only, state.rule):
                continue
            lay_over(tree, state.delta)
            yield ask(state, *found, look(tree, state.id))
            take_back(tree, state.delta, root)
            if sys.stderr.isatty():
                print(f"\r{number}/{len(states)}", end="", file=sys.stderr)


# --- counting --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Count:
    """Agreement over some answers."""

    answers: tuple[Answer, ...]

    def recall(self, expected: bool) -> float | None:
        """Share of the states with one label that got it; None without any."""
        of_these = [a for a in self.answers if a.state.expected is expected]
        return sum(a.agrees for a in of_these) / len(of_these) if of_these else None

    @property
    def balanced(self) -> float:
        """Mean of both recalls."""
        recalls = [r for r in (self.recall(True), self.recall(False)) if r is not None]
        return sum(recalls) / len(recalls) if recalls else 1.0

    @property
    def false_conform(self) -> int:
        """States said to conform whose label is a failure."""
        return sum(a.said is True and not a.state.expected for a in self.answers)

    @property
    def unseen(self) -> int:
        """States of which our facts say nothing."""
        return sum(a.said is None for a in self.answers)

    def line(self, name: str) -> str:
        """One row of the table."""
        good, bad = self.recall(True), self.recall(False)
        shown = ["   - " if r is None else f"{r:.3f}" for r in (good, bad)]
        rules = len({a.state.rule for a in self.answers})
        return (
            f"{name:18} {rules:5} {len(self.answers):6}   {self.balanced:.3f}   {shown[0]}   {shown[1]}"
            f" {self.false_conform:8} {self.unseen:7}"
        )


def report(found: Sequence[Answer], states: Sequence[State], *, wrong: bool) -> bool:
    """Print the figures; True where every goal is met."""
    counted = Count(tuple(a for a in found if not a.dispute))
    print(f"{'topic':18} {'rules':>5} {'states':>6}  balanced   pass    fail   false+  unseen")
    met = True
    for topic in TOPICS:
        count = Count(tuple(a for a in counted.answers if a.topic == topic))
        if count.answers:
            print(count.line(topic))
            met &= len(count.answers) < MANY or count.balanced >= TOPIC_GOAL
    print(counted.line("all"))
    print(Count(tuple(found)).line("disputes included"))
    failing = sum(not a.state.expected for a in counted.answers)
    share = counted.false_conform / failing if failing else 0.0
    crashes = [a for a in found if a.crash]
    print(f"\nfalse conform {share:.1%} of {failing} failing states; crashes {len(crashes)}")
    for a in found:
        if a.dispute:
            print(f"disputed label: {a.state.id} says {_word(a.state.expected)}: {a.dispute}")
    for crash in crashes:
        print(f"CRASH {crash.state.id}\n{crash.crash}")
    if wrong:
        for a in counted.answers:
            if not a.agrees:
                print(
                    f"WRONG {a.state.id}: label {_word(a.state.expected)}, we {_word(a.said)} {a.why[:600]}"
                )
    _left_out(states)
    return met and counted.balanced >= GOAL and share <= FALSE_CONFORM_GOAL and not crashes


def _word(said: bool | None) -> str:
    return {True: "pass", False: "fail", None: "unseen"}[said]


def _left_out(states: Sequence[State]) -> None:
    rules = sorted({s.rule for s in states if topic_of(s.rule) is None})
    covered = len({s.rule for s in states}) - len(rules)
    print(f"\n{covered} rules asked; {len(rules)} left out:")
    reasons = Counter(why_left_out(rule) for rule in rules)
    for reason, count in reasons.most_common():
        named = " ".join(rule for rule in rules if why_left_out(rule) == reason)
        print(f"  {count:3} {reason}: {named}")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--states", type=Path, required=True, help="JSON lines, packed or plain")
    parser.add_argument("--base", type=Path, required=True, help="tar of the base /etc")
    parser.add_argument("--only", default="", help="rules whose name matches this regular expression")
    parser.add_argument(
        "--wrong", action="store_true", help="list the states on which facts and label differ"
    )
    given = parser.parse_args()
    if os.geteuid() != 0:
        parser.error("needs root: the states' files have owners")
    states = tuple(read_states(given.states))
    met = report(tuple(answers(states, given.base, given.only)), states, wrong=given.wrong)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
