"""From a file of results to the fact: which scanner wrote it is told by its own root, never by its name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from collectors.base import Snippet, Step, Unseen
from collectors.platforms.vulnscan import gvm, nessus, trivy, vuls
from collectors.platforms.vulnscan.elements import read_elements
from collectors.platforms.vulnscan.refused import RefusedError
from scanner.facts import VulnerabilityScan
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collectors.evidence import Document, Evidence
    from scanner.facts.vulnerability import ScannedHost

SCAN = Step(
    "vulnerability-scan",
    Snippet(""),  # nothing is asked of any object: the file is the answer
    Text(
        zh="由人提供的漏洞扫描结果文件（Nessus、GVM、Trivy、Vuls）",
        en="results of a vulnerability scanner that people hand over (Nessus, GVM, Trivy, Vuls)",
    ),
    max_bytes=32 * 1024 * 1024,
)


def read_scan(evidence: Evidence) -> VulnerabilityScan:
    """Read a file of results.

    Raises:
        Unseen: no file came, or it is not what one of the known scanners writes.
    """
    document = evidence.command(SCAN)
    if not document.text.strip():
        raise Unseen(Gap(GapReason.EMPTY, SCAN.id, detail="the file is empty"))
    try:
        scanner, hosts = _read(document)
    except RefusedError as error:
        raise Unseen(Gap(GapReason.UNPARSABLE, SCAN.id, detail=str(error))) from error
    return VulnerabilityScan((document.whole,), scanner, tuple(hosts))


def _read(document: Document) -> tuple[str, Iterable[ScannedHost]]:
    if document.text.lstrip("\ufeff \t\r\n").startswith("<"):
        root = read_elements(document.text, nessus.WANTED | gvm.WANTED)
        if root.tag == nessus.ROOT:
            return nessus.NAME, tuple(nessus.hosts(root, document))
        if root.tag == gvm.ROOT:
            return gvm.NAME, tuple(gvm.hosts(root, document))
        raise RefusedError(f"no known scanner writes <{root.tag[:40]}>")
    results = _json(document.text)
    if isinstance(results, dict) and trivy.MARK in results:
        return trivy.NAME, tuple(trivy.hosts(results, document))
    if isinstance(results, dict) and vuls.MARK in results:
        return vuls.NAME, tuple(vuls.hosts(results, document))
    raise RefusedError("not the results of a known scanner")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RefusedError("neither XML nor JSON") from error
