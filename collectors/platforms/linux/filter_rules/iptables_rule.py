"""One rule of iptables, option by option."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules.iptables_fields import OF_PROTOCOLS, PORT_MODULES
from collectors.platforms.linux.filter_rules.iptables_modules import module
from collectors.platforms.linux.filter_rules.iptables_options import GENERAL, Around, Option, general
from collectors.platforms.linux.filter_rules.translations import of_iptables
from scanner.facts.rules import Action, FilterRule

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from scanner.facts.rules import Condition

TARGETS = {
    "ACCEPT": Action.ACCEPT,
    "DROP": Action.DROP,
    "REJECT": Action.REJECT,
    "RETURN": Action.RETURN,
    **dict.fromkeys(
        (
            "LOG NFLOG ULOG MARK CONNMARK TRACE AUDIT SET TCPMSS CLASSIFY CT DSCP TOS TTL HL CHECKSUM "
            "SECMARK CONNSECMARK IDLETIMER LED RATEEST NOTRACK ECN TCPOPTSTRIP ACCOUNT TEE"
        ).split(),
        Action.CONTINUE,
    ),
    **dict.fromkeys("DNAT SNAT MASQUERADE REDIRECT NETMAP SAME TPROXY".split(), Action.TRANSLATE),
    **dict.fromkeys("QUEUE NFQUEUE TARPIT DELUDE CHAOS MIRROR SYNPROXY".split(), Action.ANYTHING),
}
"""Targets whose effect is known; the last group hands the packet to what the rules do not show."""

OPTIONS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("", "ACCEPT", "DROP", "RETURN", "QUEUE", "NOTRACK", "TRACE"), ()),
    "REJECT": ("--reject-with",),
    "LOG": ("--log-",),
    "NFLOG": ("--nflog-",),
    "ULOG": ("--ulog-",),
}
"""Beginnings of the options that a target takes (nothing: a chain); others take all that is no protocol's."""

MARKING = frozenset(["MARK", "CONNMARK"])
LOGGING = frozenset(["LOG", "NFLOG", "ULOG"])

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')


@dataclass(frozen=True, slots=True)
class Line:
    """A rule as it stands in the text. ``counted``: packets, None where nobody counted."""

    at: int
    text: str
    body: str
    counted: int | None


@dataclass(slots=True)
class _Parts:
    """A rule as it is put together."""

    conditions: list[Condition] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    action: Action = Action.CONTINUE
    target: str = ""
    jump: str = ""
    of_target: list[Option] = field(default_factory=list)
    blocks: list[tuple[str, list[Option]]] = field(default_factory=list)
    protocol: str = ""


def read_rule(line: Line, chains: Collection[str], around: Around) -> FilterRule:
    """Read one rule of a table with these chains. What is not understood makes its effect uncertain."""
    body = line.body
    parts = _Parts()
    if body.count('"') % 2 and not re.search(r'\\"', body):
        parts.unread.append(body)
    try:
        _gather(parts, list(_options(body)), chains, around)
    except ValueError as broken:
        parts.unread.append(str(broken))
    for name, options in parts.blocks:
        told = module(name, tuple(options), around)
        if told is None:
            parts.unread += [f"-m {name}", *(_spell(option) for option in options)]
        else:
            parts.conditions += told
    translates = parts.action is Action.TRANSLATE
    return FilterRule(
        line.at,
        line.text,
        tuple(parts.conditions),
        parts.action,
        parts.target,
        tuple(parts.unread),
        marks=parts.jump in MARKING,
        translation=of_iptables(parts.jump, [(o.name, o.value) for o in parts.of_target])
        if translates
        else None,
        untracks=parts.jump == "NOTRACK" or any(option.name == "--notrack" for option in parts.of_target),
        counted=line.counted,
        logs=parts.jump in LOGGING or None,
    )


def _gather(parts: _Parts, options: list[Option], chains: Collection[str], around: Around) -> None:
    """Sort options: the target, what belongs to no module, what belongs to the last module named."""
    of_target = False
    for option in options:
        if option.name in {"-j", "-g", "--jump", "--goto"}:
            _target(parts, option, chains)
            of_target = True
        elif option.name in {"-m", "--match"}:
            parts.blocks.append((option.value, []))
            of_target = False
        elif option.name in {"-c", "--set-counters"}:
            continue
        elif option.name in GENERAL and not (of_target and option.name == "-f"):
            told = general(option, around)
            if told is None:
                parts.unread.append(_spell(option))
            else:
                parts.conditions += told
            if option.name.startswith(("-p", "--proto")):
                parts.protocol = option.value.lower()
        elif of_target and _takes(parts.jump, option.name):
            parts.of_target.append(option)
        else:
            _belongs(parts, option)


def _takes(target: str, option: str) -> bool:
    """Whether an option that stands behind a target is the target's; others ask, wherever they stand."""
    known = OPTIONS.get(target)
    return option not in OF_PROTOCOLS if known is None else option.startswith(known)


def _belongs(parts: _Parts, option: Option) -> None:
    """Give an option to the last module, or to the protocol's where no module was named."""
    if option.name == "--comment":
        return
    if not parts.blocks or (option.name in OF_PROTOCOLS and parts.blocks[-1][0] not in PORT_MODULES):
        implied = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmp6", "ipv6-icmp": "icmp6"}
        parts.blocks.append((implied.get(parts.protocol, parts.protocol), []))
    parts.blocks[-1][1].append(option)


def _target(parts: _Parts, option: Option, chains: Collection[str]) -> None:
    name = option.value
    if name in chains:
        parts.action = Action.GOTO if option.name in {"-g", "--goto"} else Action.JUMP
        parts.target = name
    elif name in TARGETS:
        parts.action = TARGETS[name]
        parts.jump = name
    else:
        parts.action = Action.ANYTHING
        parts.unread.append(_spell(option))


def _spell(option: Option) -> str:
    return " ".join([*(["!"] if option.negated else []), option.name, *option.values])


def _options(body: str) -> Iterator[Option]:
    """Options with their values.

    Raises:
        ValueError: words that stand where an option must.
    """
    tokens = [
        (match[1], True) if match[1] is not None else (match[2], False) for match in _TOKEN.finditer(body)
    ]
    at = 0
    while at < len(tokens):
        negated = tokens[at] == ("!", False)
        at += negated
        if at >= len(tokens) or tokens[at][1] or not _is_option(tokens[at][0]):
            raise ValueError(" ".join(word for word, _ in tokens[at:]) or "!")
        name = tokens[at][0]
        at += 1
        if (
            at < len(tokens)
            and tokens[at] == ("!", False)
            and at + 1 < len(tokens)
            and not _is_option(tokens[at + 1][0])
        ):
            negated = not negated
            at += 1
        values: list[str] = []
        while at < len(tokens) and (tokens[at][1] or not (tokens[at][0] == "!" or _is_option(tokens[at][0]))):
            values.append(tokens[at][0])
            at += 1
            if name in {"--comment", "--log-prefix", "--nflog-prefix", "--ulog-prefix"}:
                break
        yield Option(name, tuple(values), negated)


def _is_option(word: str) -> bool:
    return bool(re.match(r"--?[A-Za-z]", word))
