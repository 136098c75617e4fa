"""Programs beside the log daemon that hand a host's records to others: which run, and what they are told.

One that runs and is not understood is named: nobody may then say that nothing leaves the host.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.base import Files, Step, Unseen
from collectors.platforms.linux import log_agent_files as readers
from collectors.platforms.linux.host import processes, read_services
from scanner.facts import LogAgent, LogTarget
from scanner.model import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from collectors.evidence import Document, Evidence
    from scanner.model import Citation

AGENT_FILES = Step(
    "log-agent-files",
    Files(
        (
            "/etc/filebeat/filebeat.yml",
            "/etc/filebeat/modules.d/*.yml",
            "/etc/fluent-bit/fluent-bit.conf",
            "/etc/td-agent-bit/td-agent-bit.conf",
            "/etc/promtail/config.yml",
            "/etc/promtail/config.yaml",
            "/etc/systemd/journal-upload.conf",
            "/etc/systemd/journal-upload.conf.d/*.conf",
        ),
        privileged=True,
    ),
    Text(
        zh="日志转发代理（Filebeat、Fluent Bit、Promtail、journal-upload）发送什么、发往哪里",
        en="what forwarding agents (Filebeat, Fluent Bit, Promtail, journal-upload) send, and where",
    ),
)

Reading = tuple[LogTarget, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """An agent whose files are read: the main ones (the first that is there counts), and how."""

    mains: tuple[str, ...]
    read: Callable[[Document, Mapping[str, Document]], Reading]


_READ: Mapping[str, _Known] = {
    "filebeat": _Known(("/etc/filebeat/filebeat.yml",), readers.filebeat),
    "fluent-bit": _Known(("/etc/fluent-bit/fluent-bit.conf",), readers.fluent_bit),
    "td-agent-bit": _Known(("/etc/td-agent-bit/td-agent-bit.conf",), readers.fluent_bit),
    "promtail": _Known(("/etc/promtail/config.yml", "/etc/promtail/config.yaml"), readers.promtail),
    "systemd-journal-upload": _Known(("/etc/systemd/journal-upload.conf",), readers.journal_upload),
}

_UNREAD = frozenset(
    "fluentd td-agent vector nxlog alloy grafana-agent otelcol otelcol-contrib splunkd wazuh-agentd "
    "wazuh-logcollec ossec-agentd ossec-logcollec audisp-remote ilogtail loongcollector logstash journalbeat "
    "auditbeat elastic-agent elastic-endpoin telegraf snare syslogd metalog promtail-linux-a".split()
)
"""Processes that may hand records on, by the 15 letters that the kernel keeps; what they do is not read."""


@dataclass(frozen=True, slots=True)
class Agents:
    """What hands records on beside the log daemon."""

    targets: tuple[LogTarget, ...]
    unread: tuple[LogAgent, ...]
    seen: tuple[Citation, ...]


def read_agents(evidence: Evidence) -> Agents:
    """Read every agent that runs; that processes were not seen is said as an agent without a name."""
    running, unread, seen = _running(evidence)
    targets: list[LogTarget] = []
    for name, at in running.items():
        if name not in _READ:
            unread.append(LogAgent(name, "", at))
            continue
        try:
            files = evidence.files(AGENT_FILES)
            known = _READ[name]
            main = next((files[path] for path in known.mains if path in files), None)
            if main is None:
                unread.append(LogAgent(name, f"{known.mains[0]}: no such file", at))
                continue
            targets += known.read(main, files)
            seen = (*seen, main.whole, at)
        except Unseen as unseen:
            unread.append(LogAgent(name, unseen.gap.detail, at))
    return Agents(tuple(targets), tuple(unread), seen)


def _running(evidence: Evidence) -> tuple[dict[str, Citation], list[LogAgent], tuple[Citation, ...]]:
    """Agents that run, by name; what may be one; and what shows that there is no other."""
    shown: dict[str, Citation] = {}
    units: tuple[Citation, ...] = ()
    try:
        services = read_services(evidence)
    except Unseen:
        pass  # a host without systemd: its processes tell
    else:
        units = services.seen
        upload = services.get("systemd-journal-upload")
        if upload is not None and upload.active:
            shown["systemd-journal-upload"] = upload.at
    try:
        document, running = processes(evidence)
    except Unseen as unseen:
        return shown, [LogAgent("?", unseen.gap.detail, at) for at in units[:1]], units
    for process in running:
        name = process.name.rpartition("/")[2]
        if name in _READ or name in _UNREAD:
            shown.setdefault(name, document.cite(process.line))
    ruby = [document.cite(p.line) for p in running if p.name == "ruby"]
    hidden = [LogAgent("fluentd", "ruby runs, perhaps with it", at) for at in ruby[:1]]
    return shown, hidden, (document.whole,)


STEPS = (AGENT_FILES,)
