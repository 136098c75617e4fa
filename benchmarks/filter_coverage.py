"""How much of real and generated rule files is understood, and every line that is not.

    python -m benchmarks.filter_coverage FILE_OR_FOLDER ...

Counts the lines that stand inside filters (chains, rules and what hooks them), by dialect.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from collectors.platforms.dialects import decoded, read_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.facts.rules import RuleFile


def files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from (one for one in sorted(path.rglob("*")) if one.is_file())
        else:
            yield path


def inside(file: RuleFile) -> set[int]:
    """Lines of chains and rules, read or not."""
    lines = {base.line for table in file.tables for base in table.bases}
    lines |= {chain.line for table in file.tables for chain in table.chains}
    lines |= {rule.line for table in file.tables for chain in table.chains for rule in chain.rules}
    return lines | {one.line for one in file.unread}


def main(paths: list[Path]) -> int:
    told: dict[str, Counter[str]] = {}
    for path in files(paths):
        text = decoded(path.read_bytes())
        file = read_rules(text, path.name, {})
        if file is None:
            told.setdefault("none that is known", Counter())["files"] += 1
            continue
        count = told.setdefault(file.dialect, Counter())
        count["files"] += 1
        count["lines"] += len(inside(file))
        for line in sorted({one.line for one in file.unread}):
            count["unread"] += 1
            print(f"{path}:{line}: {text.splitlines()[line - 1].strip()[:160]}")
    print("\ndialect              files   lines  not understood  understood")
    worst = 1.0
    for dialect, count in sorted(told.items()):
        share = 1 - count["unread"] / count["lines"] if count["lines"] else 1.0
        worst = min(worst, share)
        print(f"{dialect:20} {count['files']:5}  {count['lines']:6}  {count['unread']:14}  {share:9.2%}")
    return 0 if worst >= GOAL else 1


GOAL = 0.98

if __name__ == "__main__":
    sys.exit(main([Path(one) for one in sys.argv[1:]]))
