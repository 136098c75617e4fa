"""What the files of the audit system say: the rules of the next boot, and what the daemon is told."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step, Unseen
from collectors.platforms.linux.audit_rules import Line, Refused, read_line
from collectors.platforms.linux.audit_topics import covered
from collectors.platforms.linux.host import IDENTITY, machine, unparsable
from scanner.facts import AuditDaemon, AuditFile, AuditRule, Origin, Rotation, Value, WrittenAuditRules
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collectors.evidence import Document, Evidence
    from scanner.facts.audit_event import AuditRuleParts
    from scanner.model import Citation

MAIN = "/etc/audit/audit.rules"
FOLDER = "/etc/audit/rules.d/"

RULE_FILES = Step(
    "audit-rule-files",
    Files((MAIN, f"{FOLDER}*.rules"), privileged=True),
    Text(zh="开机时加载的审计规则", en="audit rules that are loaded at boot"),
)

LOADING = Step(
    "audit-loading",
    Files(
        (
            "/usr/lib/systemd/system/auditd.service",
            "/lib/systemd/system/auditd.service",
            "/etc/systemd/system/auditd.service",
            "/usr/lib/systemd/system/audit-rules.service",
            "/etc/systemd/system/audit-rules.service",
            "/etc/systemd/system/auditd.service.d/*.conf",
            "/etc/default/auditd",
            "/etc/sysconfig/auditd",
        )
    ),
    Text(zh="审计规则由谁、从哪里加载", en="what loads the audit rules, and from where"),
)

DAEMON_FILES = Step(
    "auditd-files",
    Files(
        (
            "/etc/audit/auditd.conf",
            "/etc/audit/audisp-remote.conf",
            "/etc/audisp/audisp-remote.conf",
            "/etc/audit/plugins.d/*.conf",
            "/etc/audisp/plugins.d/*.conf",
        ),
        privileged=True,
    ),
    Text(
        zh="审计进程的设置、插件与远程转发", en="settings of the audit daemon, its plugins, where they send"
    ),
)

# --- rules of the next boot ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Written:
    """One line of a rule file."""

    document: Document
    number: int
    line: Line | None  # None: auditctl refuses it

    @property
    def at(self) -> Citation:
        return self.document.cite(self.number)

    @property
    def text(self) -> str:
        return self.document.lines[self.number - 1].strip()


@dataclass(slots=True)
class _Loading:
    """What loading the lines one after the other leaves."""

    rules: list[tuple[AuditRuleParts, _Written]] = field(default_factory=list)
    settings: dict[str, tuple[str, _Written]] = field(default_factory=dict)
    refused: list[Citation] = field(default_factory=list)

    def take(self, written: _Written) -> bool:
        """Load one line; whether loading goes on after it."""
        if written.line is None:
            self.refused.append(written.at)
            return bool(self.settings.keys() & {"-c", "-i"})
        rule = written.line.rule
        if rule is None:
            for name, value in written.line.settings:
                self._set(name, value, written)
        elif written.line.delete:
            self.rules = [known for known in self.rules if known[0] != rule]
        elif written.line.first:
            self.rules.insert(0, (rule, written))
        else:
            self.rules.append((rule, written))
        return True

    def _set(self, name: str, value: str, written: _Written) -> None:
        if name == "-D":
            self.rules.clear()
        self.settings[name] = (value, written)

    def value(self, name: str, default: int, whole: Citation) -> Value[int]:
        """A numeric setting; a switch without a value is 1."""
        if name not in self.settings:
            return Value(default, Origin.DEFAULT, whole)
        text, written = self.settings[name]
        if not re.fullmatch(r"\d{0,9}", text):
            raise unparsable(RULE_FILES, written.document, written.number, "no number")
        return Value(int(text or "1"), Origin.EXPLICIT, written.at)


def read_written(evidence: Evidence) -> WrittenAuditRules:
    """Read what the next boot loads."""
    files = evidence.files(RULE_FILES)
    loading = evidence.files(LOADING)
    whole = evidence.listing(RULE_FILES)
    loader = _loader(loading, files)
    loaded = _Loading()
    lines = tuple(_merged(files) if loader == "augenrules" else _lines(files.get(MAIN)))
    if lines and all(written.line is None for written in lines):
        raise unparsable(RULE_FILES, lines[0].document, lines[0].number, "not one line is a rule")
    for written in lines:
        if not loaded.take(written):
            break
    rules = [parts for parts, _ in loaded.rules]
    topics = covered(rules, _machine(evidence))
    on = {name: loaded.value(name, 0, whole) for name in ("-c", "-i", "--loginuid-immutable")}
    return WrittenAuditRules(
        seen=(whole, *(d.whole for d in files.values()), *(d.whole for d in loading.values())),
        rules=tuple(
            AuditRule(written.text, rule, tuple(t for t, by in topics.items() if place in by), written.at)
            for place, (rule, written) in enumerate(loaded.rules)
        ),
        loader=loader,
        refused=tuple(loaded.refused),
        enabled=loaded.value("-e", 1, whole),
        on_failure=loaded.value("-f", 1, whole),
        goes_on=_switch(on["-c"] if on["-c"].value else on["-i"]),
        login_uids_locked=_switch(on["--loginuid-immutable"]),
        files=_config_files(files),
    )


def _machine(evidence: Evidence) -> str:
    """The architecture; without it every system call that some have is asked for."""
    try:
        return machine(evidence)
    except Unseen:
        return ""


def _switch(number: Value[int]) -> Value[bool]:
    return Value(bool(number.value), number.origin, number.at)


def _loader(loading: Mapping[str, Document], files: Mapping[str, Document]) -> str:
    """What loads the rules: the unit says so, else the start script's settings, else what files there are."""
    for document in loading.values():
        _require_assignments(document)
    found = _started(loading)
    for path in () if found else ("/etc/default/auditd", "/etc/sysconfig/auditd"):
        for line in loading[path].lines if path in loading else ():
            used = re.match(r"\s*USE_AUGENRULES\s*=\s*[\"']?(yes|no)\b", line, re.IGNORECASE)
            if used:
                found = "augenrules" if used[1].lower() == "yes" else "auditctl"
    if found:
        return found
    return "auditctl" if set(files) == {MAIN} else "augenrules"


def _started(loading: Mapping[str, Document]) -> str:
    """The program that the units start to load rules; "" where none is seen."""
    programs: dict[str, str] = {}
    replaced = {path.rpartition("/")[2] for path in loading if path.startswith("/etc/systemd/system/")}
    for path in sorted(loading, key=lambda p: (".service.d/" in p, p)):
        if not path.startswith("/etc/") and path.rpartition("/")[2] in replaced:
            continue  # a unit in /etc hides the package's own
        for line in loading[path].lines:
            started = re.match(r"\s*(ExecStart(?:Pre|Post)?)\s*=\s*(.*)", line)
            if started is None:
                continue
            program = re.search(r"\b(augenrules|auditctl)\b", started[2])
            if program:
                programs[started[1]] = program[1]
            elif not started[2]:
                programs.pop(started[1], None)  # an empty one takes back what stood before
    return next(iter(programs.values()), "")


def _require_assignments(document: Document) -> None:
    """Raise where a line is none of what units and start settings are made of."""
    goes_on = False
    for number, line in enumerate(document.lines, 1):
        plain = re.fullmatch(r"\s*([#;].*|\[.+\]|(export\s+)?[A-Za-z][A-Za-z0-9_-]*\s*=.*)?", line.rstrip())
        if plain is None and not goes_on:
            raise unparsable(LOADING, document, number, "no assignment")
        goes_on = line.rstrip().endswith("\\")


def _merged(files: Mapping[str, Document]) -> Iterator[_Written]:
    """Lines as augenrules puts them together: -D first, then -b, -f, and -e last of all."""
    kept: dict[str, _Written] = {}
    rest: list[_Written] = []
    for path in sorted((p for p in files if p.startswith(FOLDER)), key=_version_key):
        for written in _lines(files[path]):
            names = [name for name, _ in written.line.settings] if written.line else []
            if len(names) == 1 and names[0] in {"-D", "-b", "-f", "-e"}:
                kept[names[0]] = written
            else:
                rest.append(written)
    yield from (kept[name] for name in ("-D", "-b", "-f") if name in kept)
    yield from rest
    if "-e" in kept:
        yield kept["-e"]


def _version_key(path: str) -> tuple[tuple[int, str], ...]:
    """Order of ``ls -v``: numbers in names count as numbers."""
    return tuple(
        (int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d{1,18})", path) if part
    )


def _lines(document: Document | None) -> Iterator[_Written]:
    for number, raw in enumerate(document.lines if document else (), 1):
        assert document is not None  # noqa: S101 - only then are there lines
        text = raw.strip()
        if not text or text.startswith("#"):
            continue
        try:
            yield _Written(document, number, read_line(text.split()))
        except Refused:
            yield _Written(document, number, None)


def _config_files(files: Mapping[str, Document]) -> tuple[AuditFile, ...]:
    return tuple(AuditFile(path, d.meta, d.whole) for path, d in files.items() if d.meta is not None)


# --- the daemon ------------------------------------------------------------------------------------

CONFIGURATION = "/etc/audit/auditd.conf"

DEFAULTS: Mapping[str, str] = {
    "local_events": "yes",
    "write_logs": "yes",
    "log_file": "/var/log/audit/audit.log",
    "log_format": "ENRICHED",
    "log_group": "root",
    "flush": "none",
    "freq": "0",
    "num_logs": "0",
    "max_log_file": "0",
    "max_log_file_action": "ignore",
    "space_left": "0",
    "space_left_action": "ignore",
    "action_mail_acct": "root",
    "admin_space_left": "0",
    "admin_space_left_action": "ignore",
    "disk_full_action": "ignore",
    "disk_error_action": "syslog",
    "name_format": "none",
    "overflow_action": "syslog",
}
"""What auditd does where its file says nothing: clear_config() of audit 3.0's auditd-config.c."""


def read_daemon(evidence: Evidence) -> AuditDaemon:
    """Read the settings of the daemon, its plugins and where records are sent from it."""
    files = evidence.files(DAEMON_FILES)
    main = files.get(CONFIGURATION)
    if main is None:
        raise Unseen(Gap(GapReason.NOT_COLLECTED, DAEMON_FILES.id, CONFIGURATION, "there is no such file"))
    given = _assigned(main)
    defaults = {name: Value(text, Origin.DEFAULT, main.whole) for name, text in DEFAULTS.items()}
    remote = next((files[p] for p in files if p.endswith("/audisp-remote.conf")), None)
    return AuditDaemon(
        seen=tuple(d.whole for d in files.values()),
        settings=defaults | {name: values[-1] for name, values in given.items()},
        shadowed={name: values[:-1] for name, values in given.items() if len(values) > 1},
        plugins={
            path.rpartition("/")[2].removesuffix(".conf"): _last(d)
            for path, d in files.items()
            if "/plugins.d/" in path
        },
        remote=_last(remote) if remote else {},
        files=_config_files(files),
    )


def rotation(evidence: Evidence) -> Rotation | None:
    """How long the audit trail's own files stay; None where no daemon is set up to write any.

    ROTATE keeps ``num_logs`` files of ``max_log_file`` MiB, whatever time that is; nothing else drops any.

    Raises:
        Unseen: what the daemon is told was not seen or not understood.
    """
    documents = evidence.files(DAEMON_FILES)
    if CONFIGURATION not in documents:
        return None
    daemon = read_daemon(evidence)
    if daemon.settings["write_logs"].value.lower() == "no":
        return None
    action, path = daemon.settings["max_log_file_action"], daemon.settings["log_file"].value
    if action.value.lower() != "rotate":
        return Rotation(path, None, "", action.at)
    files, size = daemon.number("num_logs"), daemon.number("max_log_file")
    if files is None or size is None:
        odd = daemon.settings["num_logs" if files is None else "max_log_file"].at.line
        raise unparsable(DAEMON_FILES, documents[CONFIGURATION], odd, "not a number of files or megabytes")
    if files < 2 or not size:
        return Rotation(path, None, "", action.at)  # fewer than two: nothing is rotated
    limit = f"max_log_file {size} MB, num_logs {files}"
    return Rotation(path, None, limit, action.at, kept=files - 1, max_bytes=files * size * 1024 * 1024)


def _assigned(document: Document) -> dict[str, tuple[Value[str], ...]]:
    """All values of each name, in order; a line that is no assignment keeps the daemon from starting."""
    found: dict[str, tuple[Value[str], ...]] = {}
    for number, raw in enumerate(document.lines, 1):
        text = raw.strip()
        if not text or text.startswith("#"):
            continue
        match = re.fullmatch(r"([A-Za-z0-9_]+)\s*=\s*(.*)", text)
        if match is None:
            raise unparsable(DAEMON_FILES, document, number, "no assignment")
        value = Value(match[2], Origin.EXPLICIT, document.cite(number))
        found[match[1].lower()] = (*found.get(match[1].lower(), ()), value)
    return found


def _last(document: Document) -> dict[str, Value[str]]:
    return {name: values[-1] for name, values in _assigned(document).items()}


STEPS = (RULE_FILES, LOADING, DAEMON_FILES)

READERS = (
    Reader(WrittenAuditRules, (Need((RULE_FILES,)), Need((LOADING,))), read_written, also=(IDENTITY,)),
    Reader(AuditDaemon, (Need((DAEMON_FILES,)),), read_daemon),
)
