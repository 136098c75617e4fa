"""What agents that forward records are told, each in its own language: targets, the way there, which records.

Every reader raises ``Unseen`` where something could send elsewhere, or otherwise, and is not understood.
"""

from __future__ import annotations

import re
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from collectors.base import Unseen
from scanner.facts import LogTarget
from scanner.model import Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from collectors.evidence import Document
    from scanner.model import Citation

STEP = "log-agent-files"
ANY_FILE = "**"
"""Stands for files that are not said plainly: any may be among them."""

LOGINS, NONE, DOUBTFUL = "auth,authpriv.*", "*.none", "(not plain)"
"""Selectors: records of logins are sent, are not, or it is open."""

_LOGIN_FILES = ("/var/log/auth.log", "/var/log/secure")
_NEAR_LOGINS = re.compile(r"/var/log/(?:messages|syslog|audit/|remote/|hosts/|journal)|/run/log/journal")
MAX_DEPTH = 30


def _strange(document: Document, why: str, line: int = 0) -> Unseen:
    subject = document.ref.partition(":")[2]
    return Unseen(Gap(GapReason.UNPARSABLE, STEP, subject, why if not line else f"line {line}: {why}"))


# --- words that several of them share --------------------------------------------------------------


def _yaml(document: Document) -> Any:
    """Plain data of a YAML file.

    Raises:
        Unseen: it is none, or nested beyond measure.
    """
    import yaml

    try:
        return yaml.load(document.text, Loader=yaml.BaseLoader)  # noqa: S506 - texts, lists and mappings only
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _strange(document, f"no YAML: {type(error).__name__}") from None


def _flat(data: Any, depth: int = 0) -> dict[str, Any]:
    """Settings by dotted name, however they are nested; lists stay as they are."""
    found: dict[str, Any] = {}
    if not isinstance(data, dict) or depth > MAX_DEPTH:
        return found
    for key, value in data.items():
        if isinstance(value, dict):
            found |= {f"{key}.{name}": inner for name, inner in _flat(value, depth + 1).items()}
            found.setdefault(str(key), {})
        else:
            found[str(key)] = value
    return found


def _texts(value: Any) -> tuple[str, ...]:
    """A text, or a list of texts."""
    listed = value if isinstance(value, list) else [] if value in (None, "", {}) else [value]
    return tuple(str(each) for each in listed)


def _on(value: Any, *, default: bool) -> bool:
    text = str(value).lower()
    return default if value in (None, "", {}) else text in {"true", "yes", "on", "1", "t", "y"}


def _place(document: Document, text: str, port: int) -> tuple[str, str, int]:
    """Scheme, host and port of an address with or without a scheme."""
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        host, given = parts.hostname or "", parts.port
    except ValueError:
        host, given = "", None
    if not host or re.search(r"[${}%]", text):
        raise _strange(document, "a target that is not said plainly")
    return parts.scheme, host, given or port


def _line(document: Document, word: str) -> Citation:
    """Where a word first stands."""
    number = next((n for n, line in enumerate(document.lines, 1) if word in line), 0)
    return document.cite(number)


def _of_paths(paths: Iterable[str]) -> str:
    """What files hold: records of logins, none of them, or perhaps some."""
    listed = tuple(paths)
    if any(fnmatchcase(file, pattern) for file in _LOGIN_FILES for pattern in listed):
        return LOGINS
    doubtful = (p for p in listed if _NEAR_LOGINS.match(p) or re.search(r"\$|^/(?:var/)?(?:log/)?\*", p))
    return DOUBTFUL if any(doubtful) else NONE


def _most(selectors: Iterable[str]) -> str:
    listed = set(selectors)
    return next((s for s in (LOGINS, DOUBTFUL) if s in listed), NONE)


# --- Filebeat --------------------------------------------------------------------------------------

_BEATS_PORTS = {"elasticsearch": 9200, "logstash": 5044, "kafka": 9092, "redis": 6379}
_BEATS_LOCAL = frozenset({"file", "console", "discard"})


def filebeat(document: Document, files: Mapping[str, Document]) -> tuple[LogTarget, ...]:
    """Read filebeat.yml and the modules that are switched on."""
    given = _flat(_yaml(document))
    if given.get("cloud.id"):
        raise _strange(document, "sends to a cloud that cloud.id names")
    selector, follows = _beats_selector(document, given, files), _beats_files(given)
    outputs = {key.split(".")[1] for key in given if key.startswith("output.") and key.count(".")}
    found: list[LogTarget] = []
    for name in sorted(outputs):
        own = {
            k.removeprefix(f"output.{name}."): v for k, v in given.items() if k.startswith(f"output.{name}.")
        }
        if name in _BEATS_LOCAL or not _on(own.get("enabled"), default=True):
            continue
        if name not in _BEATS_PORTS:
            raise _strange(document, f"output.{name} is not understood")
        found += (
            replace(target, follows=follows) for target in _beats_targets(document, name, own, selector)
        )
    if not found and not outputs:
        raise _strange(document, "no output is named")
    return tuple(found)


def _beats_targets(
    document: Document, name: str, own: Mapping[str, Any], selector: str
) -> Iterator[LogTarget]:
    secured = any(key.startswith("ssl.") for key in own) and _on(own.get("ssl.enabled"), default=True)
    checked = str(own.get("ssl.verification_mode", "full")).lower() in {"full", "strict"}
    hosts = _texts(own.get("hosts"))
    if not hosts:
        raise _strange(document, f"output.{name} names no hosts")
    for text in hosts:
        scheme, host, port = _place(document, text, _BEATS_PORTS[name])
        if name == "elasticsearch":
            secured = (scheme or str(own.get("protocol", "http")).lower()) == "https"
        at = _line(document, text)
        yield LogTarget(host, port, "tcp", secured, secured and checked, selector, at, {"agent": "filebeat"})


def _beats_selector(document: Document, given: Mapping[str, Any], files: Mapping[str, Document]) -> str:
    found: list[str] = []
    for one in given.get("filebeat.inputs") or ():
        own = _flat(one)
        if not _on(own.get("enabled"), default=True):
            continue
        kind, paths = str(own.get("type", "log")), _texts(own.get("paths"))
        narrowed = any(key.partition(".")[0] in _NARROWING for key in own)
        said = LOGINS if kind == "journald" else _of_paths(paths) if kind in _BEATS_FILES else DOUBTFUL
        found.append(DOUBTFUL if narrowed and said is LOGINS else said)
    if any(k.startswith("filebeat.config.inputs") for k in given) or given.get("filebeat.modules"):
        found.append(DOUBTFUL)
    if _on(given.get("filebeat.config.modules.enabled"), default=True) and given.get(
        "filebeat.config.modules.path"
    ):
        found += [_beats_module(files[p]) for p in sorted(files) if p.startswith("/etc/filebeat/modules.d/")]
    selector = _most(found)
    dropped = "drop_event" in document.text
    return DOUBTFUL if dropped and selector is LOGINS else selector


def _beats_files(given: Mapping[str, Any]) -> tuple[str, ...]:
    """Patterns of all files that may be read; a module reads what its product writes by default."""
    loads = any(
        k.startswith(("filebeat.config.", "filebeat.modules", "filebeat.autodiscover")) for k in given
    )
    listed = [path for one in given.get("filebeat.inputs") or () for path in _texts(_flat(one).get("paths"))]
    return (ANY_FILE,) if loads else _patterns(listed)


def _patterns(paths: Iterable[str]) -> tuple[str, ...]:
    """Patterns as they are, or any file where one says more than a plain pattern does."""
    listed = tuple(dict.fromkeys(p for p in paths if p))
    return (ANY_FILE,) if any(re.search(r"[${}]|\*\*", p) for p in listed) else listed


_BEATS_FILES = frozenset({"log", "filestream"})
_NARROWING = frozenset(
    {"include_lines", "exclude_lines", "exclude_files", "include_matches", "units", "processors"}
)
"""Settings of an input that keep records back."""


def _beats_module(document: Document) -> str:
    """A file of modules.d: the module ``system`` reads logins where ``auth`` is on."""
    data = _yaml(document)
    found: list[str] = []
    for one in data if isinstance(data, list) else ():
        own = _flat(one)
        if own.get("module") == "system" and _on(own.get("auth.enabled"), default=False):
            found.append(DOUBTFUL if own.get("auth.var.paths") else LOGINS)
        elif own.get("module") == "auditd":
            found.append(DOUBTFUL)
    return _most(found)


# --- Promtail --------------------------------------------------------------------------------------


def promtail(document: Document, _: Mapping[str, Document]) -> tuple[LogTarget, ...]:
    """Read Promtail's file: its clients, and which files it follows."""
    data = _yaml(document)
    given = data if isinstance(data, dict) else {}
    clients = [
        _flat(one) for one in given.get("clients") or ([given["client"]] if given.get("client") else [])
    ]
    if not clients:
        raise _strange(document, "no client is named")
    scraped = given.get("scrape_configs") or ()
    selector, follows = _most(map(_scraped, scraped)), _scraped_files(scraped)
    found: list[LogTarget] = []
    for own in clients:
        url = str(own.get("url", ""))
        scheme, host, port = _place(document, url, 443 if url.startswith("https") else 80)
        checked = scheme == "https" and not _on(own.get("tls_config.insecure_skip_verify"), default=False)
        told = {"agent": "promtail"}
        found.append(
            LogTarget(host, port, "tcp", scheme == "https", checked, selector, _line(document, url), told)
        )
    return tuple(replace(target, follows=follows) for target in found)


def _scraped_files(configurations: Iterable[Any]) -> tuple[str, ...]:
    """Patterns of all files that may be read; discovered ones may be any."""
    listed: list[str] = []
    for one in configurations:
        known = isinstance(one, dict) and set(one) & {"static_configs", "journal", "syslog"}
        static = one.get("static_configs") or () if known else ()
        listed += [str(_flat(each).get("labels.__path__") or "") for each in static]
        if not known or any(key.endswith(("_sd_configs", "_sd_config")) for key in one):
            return (ANY_FILE,)
    return _patterns(listed)


def _scraped(one: Any) -> str:
    if not isinstance(one, dict):
        return DOUBTFUL
    labels = [_flat(each).get("labels.__path__") for each in one.get("static_configs") or ()]
    known = {"job_name", "static_configs", "journal"}
    said = _of_paths(str(path) for path in labels if path)
    if "journal" in one:
        said = DOUBTFUL if "matches" in (one["journal"] or {}) else LOGINS
    if set(one) <= known:
        return said
    return DOUBTFUL  # stages that may drop records, or another kind of source


# --- Fluent Bit ------------------------------------------------------------------------------------

_FLUENT_PORTS = {
    "forward": 24224,
    "es": 9200,
    "http": 80,
    "loki": 3100,
    "syslog": 514,
    "splunk": 8088,
    "tcp": 5170,
}
_FLUENT_LOCAL = frozenset({"stdout", "file", "null", "counter"})


def fluent_bit(document: Document, _: Mapping[str, Document]) -> tuple[LogTarget, ...]:
    """Read Fluent Bit's file of sections."""
    sections = tuple(_sections(document))
    inputs = [own for kind, own, _ in sections if kind == "input"]
    narrowed = any(kind == "filter" and own.get("name") != "record_modifier" for kind, own, _ in sections)
    selector = _most(map(_fluent_input, inputs))
    follows = _patterns(
        path.strip()
        for own in inputs
        if own.get("name", "").lower() == "tail"
        for path in own.get("path", ANY_FILE).split(",")
    )
    found: list[LogTarget] = []
    for kind, own, line in sections:
        name, given = own.get("name", "").lower(), own.get("port", "0")
        if kind != "output" or name in _FLUENT_LOCAL:
            continue
        if name not in _FLUENT_PORTS or not re.fullmatch(r"\d{1,5}", given):
            raise _strange(document, f"output {name} is not understood", line)
        everything = own.get("match", "") == "*" and not narrowed
        host, port = _place(document, own.get("host", ""), int(given) or _FLUENT_PORTS[name])[1:]
        tls = _on(own.get("tls"), default=False)
        checked = tls and _on(own.get("tls.verify"), default=True)
        said = selector if everything or selector is NONE else DOUBTFUL
        protocol = own.get("mode", "udp").lower() if name == "syslog" else "tcp"
        protocol = "udp" if protocol == "udp" else "tcp"
        found.append(
            LogTarget(host, port, protocol, tls, checked, said, document.cite(line), {"agent": "fluent-bit"})
        )
    return tuple(replace(target, follows=follows) for target in found)


def _fluent_input(own: Mapping[str, str]) -> str:
    name = own.get("name", "").lower()
    if name == "tail":
        return _of_paths(own.get("path", "").replace(" ", "").split(","))
    if name == "systemd":
        return DOUBTFUL if "systemd_filter" in own else LOGINS
    return NONE if name in {"cpu", "mem", "disk", "netif", "dummy", "proc"} else DOUBTFUL


def _sections(document: Document) -> Iterator[tuple[str, dict[str, str], int]]:
    """Sections with their settings in lower case, and the line where each begins."""
    kind, begun = "", 0
    own: dict[str, str] = {}
    for number, raw in enumerate(document.lines, 1):
        text = raw.strip()
        if not text or text.startswith("#"):
            continue
        head = re.fullmatch(r"\[([A-Za-z_]+)\]", text)
        if head is not None:
            if kind:
                yield kind, own, begun
            kind, own, begun = head[1].lower(), {}, number
            continue
        setting = re.fullmatch(r"([A-Za-z_.]+)\s+(\S.*)", text)
        if setting is None or not kind:  # @INCLUDE and @SET among them
            raise _strange(document, "no setting of a section", number)
        if "${" in setting[2]:
            raise _strange(document, "a value from outside", number)
        own[setting[1].lower()] = setting[2].strip()
    if kind:
        yield kind, own, begun


# --- systemd-journal-upload ------------------------------------------------------------------------

UPLOAD_PORT = 19532


def journal_upload(document: Document, files: Mapping[str, Document]) -> tuple[LogTarget, ...]:
    """Read where the journal is uploaded to: all of it, at once."""
    dropins = [d for p, d in sorted(files.items()) if p.startswith("/etc/systemd/journal-upload.conf.d/")]
    given: dict[str, tuple[str, Citation]] = {}
    for each in (document, *dropins):
        given |= _assigned(each)
    if "URL" not in given:
        raise _strange(document, "no URL is named")
    url, at = given["URL"]
    scheme, host, port = _place(document, url, UPLOAD_PORT)
    trust = given.get("TrustedCertificateFile", ("", at))[0]
    tls = scheme != "http"
    checked = tls and trust not in {"all", "-"}
    return (LogTarget(host, port, "tcp", tls, checked, "*.*", at, {"agent": "systemd-journal-upload"}),)


def _assigned(document: Document) -> dict[str, tuple[str, Citation]]:
    section = ""
    found: dict[str, tuple[str, Citation]] = {}
    for number, raw in enumerate(document.lines, 1):
        text = raw.strip()
        if not text or text[0] in "#;":
            continue
        if re.fullmatch(r"\[\w+\]", text):
            section = text
            continue
        name, sign, value = text.partition("=")
        if not sign:
            raise _strange(document, "no assignment", number)
        if section == "[Upload]":
            found[name.strip()] = (value.strip(), document.cite(number))
    return found
