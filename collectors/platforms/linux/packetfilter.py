"""Packet filters loaded in the kernel (nftables, iptables new and old), and what restores them."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from collectors.base import Command, Files, Need, Reader, Step, Unseen
from collectors.platforms.linux.boot_rules import FILES, RESTORED_BY, RULE_FILES, rules_at_boot
from collectors.platforms.linux.chainwalk import Base, Chains, default_of
from collectors.platforms.linux.front_ends import UFW_FILES
from collectors.platforms.linux.host import UNITS, read_services, unparsable
from collectors.platforms.linux.ipsets import IPSETS, loaded_sets
from collectors.platforms.linux.iptables import HOOKS, Dump, holds_through_nft, read_save
from collectors.platforms.linux.loaded_rules import (
    Gathering,
    iptables_tables,
    nft_tables,
    without,
)
from collectors.platforms.linux.nft import read_ruleset
from scanner.facts import BaseChain, Default, Family, PacketFilter, Persistence, WrittenFilter
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collectors.evidence import Document, Evidence
    from scanner.facts import Rules, Service
    from scanner.facts.rules import FilterTable
    from scanner.model import Citation

_MANY = 8 * 1024 * 1024

NFT = Step(
    "nft-ruleset",
    Command(("nft", "-j", "list", "ruleset"), privileged=True),
    Text(zh="内核中已加载的 nftables 规则", en="nftables rules loaded in the kernel"),
    control=r'"metainfo"',
    max_bytes=_MANY,
)


def _save(name: str, zh: str, en: str) -> Step:
    why = Text(zh=zh, en=en)
    return Step(name, Command((name,), privileged=True), why, control=r"^\*[a-z]+\s*$", max_bytes=_MANY)


SAVE = {
    Family.IPV4: _save("iptables-save", "已加载的 iptables 规则（IPv4）", "loaded iptables rules, IPv4"),
    Family.IPV6: _save("ip6tables-save", "已加载的 iptables 规则（IPv6）", "loaded iptables rules, IPv6"),
}

LEGACY_SAVE = {
    Family.IPV4: _save(
        "iptables-legacy-save",
        "旧内核接口中的 iptables 规则（IPv4）",
        "iptables rules of the old kernel interface, IPv4",
    ),
    Family.IPV6: _save(
        "ip6tables-legacy-save",
        "旧内核接口中的 iptables 规则（IPv6）",
        "iptables rules of the old kernel interface, IPv6",
    ),
}

LEGACY_TABLES = Step(
    "iptables-legacy-tables",
    # /proc/net is a link that find does not follow; /proc/self/net is the same folder.
    Files(("/proc/self/net/ip_tables_names", "/proc/self/net/ip6_tables_names"), privileged=True),
    Text(
        zh="旧内核接口是否加载了 iptables 表（nft 看不到它们）",
        en="whether tables of the old iptables interface are loaded, which nft does not show",
    ),
)

LEGACY_NAMES = {
    Family.IPV4: "/proc/self/net/ip_tables_names",
    Family.IPV6: "/proc/self/net/ip6_tables_names",
}


def read_filter(evidence: Evidence) -> PacketFilter:
    """Read all loaded base chains.

    "No chains" needs nft's answer and the kernel's word that no table of the old interface is loaded.
    """
    legacy, seen = _legacy_families(evidence)
    try:
        document = evidence.command(NFT)
    except Unseen as unseen:
        chains, at = _without_nft(evidence, legacy, unseen)
    else:
        chains, at = _with_nft(evidence, document)
        seen = (document.whole, *seen)
    for family in legacy:
        dump, place = _legacy_dump(evidence, family)
        chains += _judged(dump, "iptables-legacy")
        at += (place,)
    seen = tuple(dict.fromkeys((*seen, *at)))
    persistence = _persistence(evidence, chains)
    return PacketFilter(seen, chains, *persistence, _loaded(evidence, legacy), rules_at_boot(evidence))


def _loaded(evidence: Evidence, legacy: tuple[Family, ...]) -> Rules | None:
    """All loaded rules, whatever printed them; what must be there was seen before this is asked."""
    gathered, sets = Gathering(), loaded_sets(evidence)
    by_nft: tuple[FilterTable, ...] = ()
    nft: Document | None = None
    with suppress(Unseen):
        nft = evidence.command(NFT)
        by_nft = nft_tables(nft)
    for family, step in SAVE.items():
        dump = _dump(evidence, step)
        if dump is None:
            continue
        document, through_nft = dump
        shown = iptables_tables(document, family, sets)
        if through_nft:
            by_nft = without(by_nft, family, shown)
        if through_nft or (nft is None and family not in legacy):
            gathered.add(document, shown)
    for family in legacy:
        for step in (LEGACY_SAVE[family], SAVE[family]):
            dump = _dump(evidence, step)
            if dump is not None and not dump[1]:
                gathered.add(dump[0], iptables_tables(dump[0], family, sets))
                break
    if nft is not None:
        gathered.add(nft, by_nft)
    return gathered.rules()


def _dump(evidence: Evidence, step: Step) -> tuple[Document, bool] | None:
    """What a program of iptables printed, and whether nftables holds it; None where it was not seen."""
    try:
        document = evidence.command(step)
    except Unseen:
        return None
    return document, holds_through_nft(document)


_Seen = tuple[tuple["BaseChain", ...], tuple["Citation", ...]]


def _with_nft(evidence: Evidence, document: Document) -> _Seen:
    """Chains that nft shows; where iptables manages one, its own words say what nft cannot print."""
    ruleset = read_ruleset(NFT, document)
    chains: tuple[BaseChain, ...] = ()
    at: tuple[Citation, ...] = (document.whole,)
    for key, base in ruleset.bases:
        managed = None
        if key[0] in {"ip", "ip6"} and key[1] == "filter" and base.chain in HOOKS:
            managed = _managed(evidence, base)
        if managed is None:
            chains += judge(base, ruleset.chains[key])
        else:
            chains += judge(*managed)
            at += (managed[0].at,)
    return chains, at


def _managed(evidence: Evidence, base: Base) -> tuple[Base, Chains] | None:
    """The same chain as iptables prints it, if it was seen and is the one that nftables holds."""
    step = SAVE[base.families[0]]
    try:
        dump = read_save(step, evidence.command(step), base.families[0])
    except Unseen:
        return None
    if dump is None or not dump.through_nft:
        return None
    same = [b for b in dump.bases if (b.chain, b.accepts) == (base.chain, base.accepts)]
    return (same[0], dump.chains) if same else None


def _without_nft(evidence: Evidence, legacy: tuple[Family, ...], nft: Unseen) -> _Seen:
    """Chains that iptables shows on a host without nft; both families must have been seen."""
    if nft.gap.reason is not GapReason.COMMAND_MISSING:
        raise nft
    chains: tuple[BaseChain, ...] = ()
    at: tuple[Citation, ...] = ()
    for family, step in SAVE.items():
        document = evidence.command(step)
        dump = read_save(step, document, family)
        at += (document.whole,)
        # What belongs to the old interface is added by the caller, under its own name.
        if dump is not None and (dump.through_nft or family not in legacy):
            chains += _judged(dump, "iptables")
    if not chains and not legacy:
        raise Unseen(
            Gap(
                GapReason.EMPTY,
                NFT.id,
                detail="iptables shows no filter table, nft is not there to confirm it",
            )
        )
    return chains, at


def judge(base: Base, chains: Chains) -> tuple[BaseChain, ...]:
    """The base chain as a fact, once for each family whose packets it sees."""
    judged = []
    for family in base.families:
        default, place = default_of(base, chains, family)
        judged.append(
            BaseChain(
                framework=base.framework,
                table=base.table,
                chain=base.chain,
                family=family,
                hook=base.hook,
                default=default,
                at=base.at,
                default_at=place,
            )
        )
    return tuple(judged)


def _judged(dump: Dump, framework: str) -> tuple[BaseChain, ...]:
    return tuple(
        chain for base in dump.bases for chain in judge(replace(base, framework=framework), dump.chains)
    )


def _legacy_families(evidence: Evidence) -> tuple[tuple[Family, ...], tuple[Citation, ...]]:
    """Families whose filter table the old interface holds; a missing file means that it is not loaded."""
    documents = evidence.files(LEGACY_TABLES)
    found = []
    for family, path in LEGACY_NAMES.items():
        document = documents.get(path)
        for number, line in enumerate(document.lines if document else (), 1):
            if document and line not in {"", "filter", "nat", "mangle", "raw", "security"}:
                raise unparsable(LEGACY_TABLES, document, number, "no name of a table")
            if line == "filter":
                found.append(family)
    return tuple(found), tuple(document.whole for document in documents.values())


def _legacy_dump(evidence: Evidence, family: Family) -> tuple[Dump, Citation]:
    """The filter table of the old interface: the kernel said that it is there, so it must be shown."""
    refused: Unseen | None = None
    for step in (LEGACY_SAVE[family], SAVE[family]):
        try:
            document = evidence.command(step)
        except Unseen as unseen:
            refused = refused or unseen
            continue
        dump = read_save(step, document, family)
        if dump is not None and not dump.through_nft:
            return dump, document.whole
    raise refused or Unseen(
        Gap(GapReason.EMPTY, LEGACY_SAVE[family].id, detail="the kernel holds a filter table, none was shown")
    )


# --- what restores the filter at boot --------------------------------------------------------------


def _persistence(
    evidence: Evidence, chains: tuple[BaseChain, ...]
) -> tuple[tuple[Persistence, ...], tuple[str, ...], tuple[WrittenFilter, ...]]:
    """Units that restore filters, active front ends, and what files hold while nothing is loaded.

    A unit counts as enabled if its files bring back what is loaded.

    Chains that accept everything need nobody to bring them back, unless nothing else is loaded.
    """
    try:
        services = read_services(evidence)
    except Unseen:
        return (), (), ()
    units = [s for name in RESTORED_BY if (s := services.get(name)) is not None and s.installed]
    if not units:
        return (), (), ()
    files = evidence.files(FILES)
    loaded = [chain for chain in chains if chain.default is not Default.ACCEPT] or list(chains)
    restored = {
        unit.name: [c for c in loaded if unit.enabled and _restores(unit, c, files)] for unit in units
    }
    left = [c for c in loaded if not any(c in share for share in restored.values())]
    persistence = tuple(
        Persistence(unit.name, bool(restored[unit.name]) and not left, unit.at) for unit in units
    )
    frontends = tuple(
        unit.name
        for unit in units
        if unit.active
        and (unit.name == "firewalld" or (unit.name == "ufw" and _ufw_enabled(files) is not None))
    )
    written = tuple(
        WrittenFilter(unit.name, at)
        for unit in units
        if not chains and unit.enabled and (at := _written(unit, files)) is not None
    )
    return persistence, frontends, written


def _written(unit: Service, files: dict[str, Document]) -> Citation | None:
    """The first line of the unit's files that declares a filter."""
    if unit.name == "firewalld":
        return unit.at
    if unit.name == "ufw":
        return _ufw_enabled(files)
    if unit.name == "nftables":
        hooks = re.compile(r"[^#]*\bhook\s+(?:input|forward)\b")
        lines = ((d, n) for path, d in files.items() if "nft" in path for n, _ in enumerate(d.lines, 1))
        return next((d.cite(n) for d, n in lines if hooks.match(d.lines[n - 1])), None)
    for family in Family:
        document = files.get(RULE_FILES.get((unit.name, family), ""))
        try:
            chains = () if document is None else tuple(_saved_chains(document, family))
        except Unseen:
            continue  # what is loaded was seen all the same; a file that is no dump states nothing
        if chains:
            return chains[0].at
    return None


def _restores(unit: Service, chain: BaseChain, files: dict[str, Document]) -> bool:
    """Whether the unit's own files declare the chain, with the same default."""
    through_iptables = chain.framework != "nftables"
    if unit.name == "firewalld":
        return through_iptables or chain.table.split()[-1] == "firewalld"
    if unit.name == "ufw":
        return through_iptables and _ufw_enabled(files) is not None
    if unit.name == "nftables":
        return not through_iptables and any(
            _declares(document, chain) for path, document in files.items() if "nft" in path
        )
    path = RULE_FILES.get((unit.name, chain.family))
    document = files.get(path) if path else None
    if document is None or not through_iptables:
        return False
    return any(
        (saved.chain, saved.default) == (chain.chain, chain.default)
        for saved in _saved_chains(document, chain.family)
    )


def _saved_chains(document: Document, family: Family) -> Iterator[BaseChain]:
    dump = read_save(FILES, document, family)
    if dump is not None:
        yield from _judged(dump, "iptables")


def _declares(document: Document, chain: BaseChain) -> bool:
    """Whether a file of nft's language declares the table and, in it, the chain."""
    family, _, table = chain.table.partition(" ")
    named = rf"table\s+{family}\s+" if family != "ip" else r"table\s+(?:ip\s+)?"
    for number, line in enumerate(document.lines, 1):
        included = re.match(r"\s*include\s+[\"']?([^\"'\s]+)", line)
        if included and not included[1].startswith(("/etc/nftables/", "/etc/nftables.d/", "./")):
            raise unparsable(FILES, document, number, "includes what was not collected")
    text = "\n".join(line.split("#")[0] for line in document.lines)
    start = re.search(rf"\b{named}{re.escape(table)}\b", text)
    return start is not None and bool(
        re.search(rf"\bchain\s+(?:\S+\s+\S+\s+)?{re.escape(chain.chain)}\b", text[start.start() :])
    )


def _ufw_enabled(files: dict[str, Document]) -> Citation | None:
    """The line of ufw's file that switches it on."""
    document = files.get("/etc/ufw/ufw.conf")
    for number, line in enumerate(document.lines if document else (), 1):
        if document and re.fullmatch(r"\s*ENABLED=[\"']?yes[\"']?\s*", line, re.IGNORECASE):
            return document.cite(number)
    return None


STEPS = (NFT, *SAVE.values(), *LEGACY_SAVE.values(), LEGACY_TABLES, IPSETS, FILES, UFW_FILES)

READERS = (
    Reader(
        PacketFilter,
        (Need((NFT, SAVE[Family.IPV4])), Need((LEGACY_TABLES,))),
        read_filter,
        also=(SAVE[Family.IPV6], *LEGACY_SAVE.values(), IPSETS, UNITS, FILES, UFW_FILES),
    ),
)
