"""Agents that hand records on: what their files say, and that what is not understood is never passed over."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.base import Unseen
from collectors.evidence import Document
from collectors.platforms.linux import log_agent_files as read
from scanner.facts.selector import covers_logins

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scanner.facts import LogTarget

    Read = Callable[[Document, Mapping[str, Document]], tuple[LogTarget, ...]]

INPUT = "filebeat.inputs:\n- type: filestream\n  paths: [/var/log/auth.log]\n"
JOURNAL = "scrape_configs:\n- job_name: j\n  journal: {max_age: 12h}\n"
TAIL = "[INPUT]\n  Name systemd\n[OUTPUT]\n  Match *\n"


def sent(reader: Read, text: str, **modules: str) -> list[tuple[str, int, str, bool, bool, bool | None]]:
    def document(path: str, content: str) -> Document:
        return Document(f"host/log-agent-files:{path}", tuple(content.split("\n")))

    more = {f"/etc/filebeat/modules.d/{n}.yml": c for n, c in modules.items()}
    found = reader(document("/etc/x", text), {path: document(path, c) for path, c in more.items()})
    return [(t.host, t.port, t.protocol, t.tls, t.peer_checked, covers_logins(t.selector)) for t in found]


@pytest.mark.parametrize(
    ("reader", "text", "expected"),
    [
        (
            read.filebeat,
            INPUT + 'output.elasticsearch:\n  hosts: ["https://h:9201"]',
            ("h", 9201, "tcp", True, True, True),
        ),
        (
            read.filebeat,
            INPUT + "output:\n  elasticsearch:\n    hosts: [h]",
            ("h", 9200, "tcp", False, False, True),
        ),
        (
            read.filebeat,
            INPUT + "output.elasticsearch:\n  hosts: [h]\n  protocol: https\n"
            "  ssl.verification_mode: certificate",
            ("h", 9200, "tcp", True, False, True),
        ),
        (
            read.filebeat,
            INPUT + "output.logstash:\n  hosts: ['h:5045']",
            ("h", 5045, "tcp", False, False, True),
        ),
        (
            read.filebeat,
            INPUT + "output.logstash.hosts: ['h']\noutput.logstash.ssl.certificate_authorities: [/c]",
            ("h", 5044, "tcp", True, True, True),
        ),
        (
            read.filebeat,
            INPUT + "output.logstash.hosts: ['h']\noutput.logstash.ssl: {enabled: false}",
            ("h", 5044, "tcp", False, False, True),
        ),
        (
            read.filebeat,
            INPUT.replace("  paths", "  enabled: false\n  paths") + "output.redis.hosts: [h]",
            ("h", 6379, "tcp", False, False, False),
        ),
        (
            read.filebeat,
            INPUT.replace("auth.log", "nginx/*.log") + "output.kafka.hosts: ['h:1']",
            ("h", 1, "tcp", False, False, False),
        ),
        (
            read.filebeat,
            INPUT + "  exclude_lines: [x]\noutput.logstash.hosts: [h]",
            ("h", 5044, "tcp", False, False, None),
        ),
        (
            read.filebeat,
            INPUT + "processors:\n- drop_event: {when: {}}\noutput.logstash.hosts: [h]",
            ("h", 5044, "tcp", False, False, None),
        ),
        (
            read.filebeat,
            INPUT.replace("auth.log", "*.log") + "output.logstash.hosts: [h]",
            ("h", 5044, "tcp", False, False, True),
        ),
        (read.promtail, "clients:\n- url: https://h/loki\n" + JOURNAL, ("h", 443, "tcp", True, True, True)),
        (
            read.promtail,
            "client:\n  url: http://h:3100/x\n" + JOURNAL,
            ("h", 3100, "tcp", False, False, True),
        ),
        (
            read.promtail,
            "clients:\n- url: https://h/\n  tls_config: {insecure_skip_verify: true}\n" + JOURNAL,
            ("h", 443, "tcp", True, False, True),
        ),
        (
            read.promtail,
            "clients:\n- url: http://h/\n" + JOURNAL + "  pipeline_stages: [{drop: {}}]",
            ("h", 80, "tcp", False, False, None),
        ),
        (
            read.promtail,
            (
                "clients:\n- url: http://h/\nscrape_configs:\n- static_configs:\n  - labels:\n"
                "      __path__: /var/log/nginx/*.log"
            ),
            ("h", 80, "tcp", False, False, False),
        ),
        (read.fluent_bit, TAIL + "  Name es\n  Host h", ("h", 9200, "tcp", False, False, True)),
        (
            read.fluent_bit,
            TAIL + "  Name forward\n  Host h\n  Port 1\n  tls on",
            ("h", 1, "tcp", True, True, True),
        ),
        (
            read.fluent_bit,
            TAIL + "  Name http\n  Host h\n  tls On\n  tls.verify Off",
            ("h", 80, "tcp", True, False, True),
        ),
        (read.fluent_bit, TAIL + "  Name syslog\n  Host h", ("h", 514, "udp", False, False, True)),
        (
            read.fluent_bit,
            TAIL + "  Name es\n  Host h\n[FILTER]\n  Name grep\n  Match *",
            ("h", 9200, "tcp", False, False, None),
        ),
        (
            read.fluent_bit,
            TAIL.replace("systemd", "cpu") + "  Name es\n  Host h",
            ("h", 9200, "tcp", False, False, False),
        ),
        (read.journal_upload, "[Upload]\nURL=https://h", ("h", 19532, "tcp", True, True, True)),
        (read.journal_upload, "[Upload]\nURL=http://h:80\n", ("h", 80, "tcp", False, False, True)),
        (
            read.journal_upload,
            "[Upload]\nURL=h\nTrustedCertificateFile=all",
            ("h", 19532, "tcp", True, False, True),
        ),
    ],
)
def test_what_an_agent_sends_and_how(reader: Read, text: str, expected: tuple[object, ...]) -> None:
    assert sent(reader, text) == [expected]


def test_a_module_that_is_switched_on_reads_logins() -> None:
    main = "filebeat.config.modules.path: ${path.config}/modules.d/*.yml\noutput.logstash.hosts: [h]\n"
    system = "- module: system\n  auth:\n    enabled: %s\n"
    assert [t[5] for t in sent(read.filebeat, main, system=system % "true")] == [True]
    assert [t[5] for t in sent(read.filebeat, main, system=system % "false")] == [False]


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (read.filebeat, "cloud.id: x"),
        (read.filebeat, INPUT),
        (read.filebeat, INPUT + "output.tothestars.hosts: [h]"),
        (read.filebeat, INPUT + "output.logstash.hosts: ['${HOST}']"),
        (read.filebeat, "a: [1\nb"),
        (read.filebeat, "[" * 5000),
        (read.promtail, JOURNAL),
        (read.promtail, "clients:\n- url: ${URL}"),
        (read.fluent_bit, "@INCLUDE more.conf\n" + TAIL),
        (read.fluent_bit, TAIL + "  Name s3\n"),
        (read.fluent_bit, TAIL + "  Name es\n  Host ${H}"),
        (read.fluent_bit, TAIL + "  Name es\n"),
        (read.journal_upload, "[Upload]\n"),
        (read.journal_upload, "[Upload]\nnonsense"),
    ],
)
def test_what_is_not_understood_is_not_seen(reader: Read, text: str) -> None:
    with pytest.raises(Unseen):
        sent(reader, text)


TEXTS = st.text(alphabet=st.sampled_from("ab:.-[]{}\n &*#!'\"/$"), max_size=60)


@settings(max_examples=60, deadline=5000)
@given(TEXTS, st.sampled_from([read.filebeat, read.promtail, read.fluent_bit, read.journal_upload]))
def test_any_text_is_read_or_refused(text: str, reader: Read) -> None:
    with suppress(Unseen):
        sent(reader, text)
    with suppress(Unseen):
        sent(reader, "output.logstash.hosts: [h]\nclients: [{url: http://h}]\nfilebeat.inputs:\n- " + text)
