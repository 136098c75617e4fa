"""Rule files of packet filters as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from scanner.packetspace.finding import packet_of
from scanner.report.filtering import port_ranges
from scanner.report.json import SCHEMA_VERSION, dumped

if TYPE_CHECKING:
    from scanner.facts import Published
    from scanner.facts.rules import RuleFile, Spans
    from scanner.packetspace.difference import Side
    from scanner.packetspace.finding import FilterFinding, Packet
    from scanner.packetspace.reach import Reached
    from scanner.packetspace.reached import Reach
    from scanner.report.filtering import ComparedRules, JudgedRules


def render_rules(judged: list[JudgedRules]) -> str:
    """Return what was found in files."""
    return dumped({"schema_version": SCHEMA_VERSION, "files": [_file(one) for one in judged]})


def _file(one: JudgedRules) -> dict[str, Any]:
    denies = one.analysis.denies
    found: dict[str, Any] = {
        "file": one.file,
        "dialect": one.rules.dialect,
        "lines": one.rules.lines,
        "lines_within_filters": one.rules.within,
        "unknown_lines": sorted({unread.line for unread in one.rules.unread}),
        "files": [{"file": part.name, "lines_before": part.before} for part in one.rules.files],
        "unknown": [
            {"line": unread.line, "place": one.rules.place(unread.line), "text": unread.text}
            for unread in one.rules.unread
        ],
        "default_deny": {stage.value: all(by.values()) for stage, by in denies.items()},
        "default_deny_by_interface": {stage.value: by for stage, by in denies.items()},
        "findings": [_finding(finding, one.rules) for finding in one.analysis.findings],
        "programs": list(one.programs),
        "published": [_published(told, one.rules) for told in one.published],
    }
    if one.reach is not None:
        found |= _reach(one.reach, one.rules)
    return found


def _finding(finding: FilterFinding, rules: RuleFile) -> dict[str, Any]:
    return {
        "kind": finding.kind.value,
        "line": finding.line,
        "place": rules.place(finding.line),
        "text": finding.text,
        "message": {"zh": finding.message.zh, "en": finding.message.en},
        "witness": _packet(finding.witness),
        "deciding": list(finding.deciding),
    }


def _published(told: Published, rules: RuleFile) -> dict[str, Any]:
    return {
        "protocol": told.protocol,
        "ports": [told.port, told.last],
        "family": told.family.value,
        "to": told.to,
        "by": told.by,
        "sources": told.sources.value,
        "around": told.around,
        "line": told.at[0].line,
        "place": rules.place(told.at[0].line),
    }


def _packet(packet: Packet | None) -> dict[str, Any] | None:
    return None if packet is None else asdict(packet)


def _reach(reach: Reach, rules: RuleFile) -> dict[str, Any]:
    return {
        "reach": {str(port): one.answer.value for port, one in reach.answers.items()},
        "reach_by": {str(port): _decided(one, reach, rules) for port, one in reach.answers.items()},
        "assumed": list(reach.assumed),
        "beside": [
            {
                "line": one.line,
                "text": one.text,
                "action": one.action.value,
                "ports": _spelled(one.ports),
            }
            for one in reach.beside
        ],
        "translated": [
            {
                "line": one.rule.line,
                "ports": _spelled(one.ports),
                "answers": {hook.value: answer.value for hook, answer in one.answers},
            }
            for one in reach.followed
        ],
    }


def _spelled(ports: Spans) -> str:
    return port_ranges([port for low, high in ports for port in range(low, high + 1)])


def _decided(one: Reached, reach: Reach, rules: RuleFile) -> dict[str, Any]:
    witness = None if one.example is None else packet_of(one.example, reach.interfaces)
    lines = sorted({by.line for by in one.by})
    return {"lines": lines, "places": [rules.place(line) for line in lines], "witness": _packet(witness)}


def _side(side: Side, place: str) -> dict[str, Any]:
    return {"action": side.action, "line": side.line, "place": place}


def render_difference(told: ComparedRules) -> str:
    """Return the differences of two files."""
    compared = told.compared
    return dumped(
        {
            "schema_version": SCHEMA_VERSION,
            "before": told.before,
            "after": told.after,
            "equal": compared.equal,
            "unproved": [stage.value for stage in compared.unproved],
            "differences": [
                {
                    "hook": one.stage.value,
                    "before": _side(one.before, told.placed_before(one.before.line)),
                    "after": _side(one.after, told.placed_after(one.after.line)),
                    "witness": _packet(packet_of(one.example, compared.interfaces)),
                }
                for one in compared.differences
            ],
        }
    )
