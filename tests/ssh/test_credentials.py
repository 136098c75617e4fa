"""Credential references: what is one, where secrets come from, and that they show nowhere."""

from __future__ import annotations

import copy
import os
import pickle
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.credentials import (
    CredentialKind,
    CredentialReference,
    Credentials,
    NoAsker,
    Secret,
    TerminalAsker,
    read_private,
)
from scanner.errors import CredentialError

if TYPE_CHECKING:
    from collections.abc import Callable

FINGERPRINT = "SHA256:" + "a" * 43


@pytest.mark.parametrize(
    ("text", "kind", "target"),
    [
        ("agent:", CredentialKind.AGENT, ""),
        (f"agent:{FINGERPRINT}", CredentialKind.AGENT, FINGERPRINT),
        ("key:~/.ssh/id_ed25519", CredentialKind.KEY, "~/.ssh/id_ed25519"),
        ("key:/odd?pass/id", CredentialKind.KEY, "/odd?pass/id"),
        ("env:SSH_PASSWORD", CredentialKind.ENV, "SSH_PASSWORD"),
        ("file:/run/secrets/web", CredentialKind.FILE, "/run/secrets/web"),
        ("prompt:", CredentialKind.PROMPT, ""),
        ("prompt:核心交换机", CredentialKind.PROMPT, "核心交换机"),
    ],
)
def test_references(text: str, kind: CredentialKind, target: str) -> None:
    reference = CredentialReference.parse(text)
    assert (reference.kind, reference.target, reference.passphrase) == (kind, target, None)
    assert str(reference) == text


@pytest.mark.parametrize("passphrase", ["env:PHRASE", "file:/run/phrase", "prompt:", "prompt:my key"])
def test_a_key_may_name_its_passphrase(passphrase: str) -> None:
    text = f"key:/home/me/id?pass={passphrase}"
    reference = CredentialReference.parse(text)
    assert reference.target == "/home/me/id"
    assert str(reference.passphrase) == passphrase
    assert str(reference) == text


@pytest.mark.parametrize(
    "text",
    [
        "hunter2",
        "password:hunter2",
        "",
        "env:",
        "env:hunter-2",
        "env:hunter2 ",
        "file:",
        "key:",
        "key:?pass=env:X",
        "key:/id?pass=",
        "key:/id?pass=hunter2",
        "key:/id?pass=agent:",
        "key:/id?pass=key:/hunter2",
        "agent:hunter2",
        "agent:MD5:00:11",
        "Agent:",
        "file:/a\nb",
        "prompt:\x1b[2J",
    ],
)
def test_what_is_no_reference_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as caught:
        CredentialReference.parse(text)
    assert "hunter" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_reference_or_a_value_error(text: str) -> None:
    try:
        reference = CredentialReference.parse(text)
    except ValueError:
        return
    assert str(reference) == text


def test_a_secret_shows_nowhere() -> None:
    secret = Secret("hunter2")
    assert secret.reveal() == "hunter2"
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret!r}", repr([secret]), "%s" % (secret,)):  # noqa: UP031
        assert "hunter" not in shown
    for write_down in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            write_down(secret)
    assert not hasattr(secret, "__dict__")


def resolve(text: str, **environ: str) -> str:
    return Credentials(environ, NoAsker()).secret(CredentialReference.parse(text)).reveal()


def test_environment() -> None:
    assert resolve("env:PW", PW=" spaces kept ") == " spaces kept "
    for environ in ({}, {"PW": ""}):
        with pytest.raises(CredentialError, match="env:PW"):
            resolve("env:PW", **environ)


def private(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("content", [b"hunter2", b"hunter2\n", b"hunter2\r\n"])
def test_a_file_loses_one_line_end_only(tmp_path: Path, content: bytes) -> None:
    assert resolve(f"file:{private(tmp_path / 'f', content)}") == "hunter2"
    assert resolve(f"file:{private(tmp_path / 'g', b'a' + content + b' ')}").endswith(" ")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o601, 0o644, 0o660, 0o620])
def test_a_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(CredentialError, match=f"{mode:04o}"):
        resolve(f"file:{private(tmp_path / 'f', b'hunter2', mode)}")


def test_other_than_private_regular_files_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    big = private(tmp_path / "big", b"x" * 70_000)
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "absent", big, Path("/dev/zero")):
        with pytest.raises(CredentialError):
            read_private(str(path))
    with pytest.raises(CredentialError, match="empty"):
        resolve(f"file:{private(tmp_path / 'empty', b'')}")
    with pytest.raises(CredentialError, match="UTF-8"):
        resolve(f"file:{private(tmp_path / 'binary', bytes([255, 254]))}")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    path = private(tmp_path / "f", b"hunter2")
    os.chown(path, 12345, 12345)
    with pytest.raises(CredentialError, match="somebody else"):
        read_private(str(path))


class Person:
    """Answers, and remembers what was asked."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.questions: list[tuple[str, bool]] = []

    def ask(self, question: str, *, echo: bool) -> str:
        self.questions.append((question, echo))
        return self.answers.pop(0)


def test_every_prompt_is_asked_once_and_hidden() -> None:
    person = Person("one", "two")
    credentials = Credentials({}, person)
    plain, labelled = CredentialReference.parse("prompt:"), CredentialReference.parse("prompt:core")
    credentials.ask_all([plain, labelled, CredentialReference.parse("key:/id?pass=prompt:core")])
    answers = [credentials.secret(reference).reveal() for reference in (plain, labelled, plain)]
    assert answers == ["one", "two", "one"]
    assert [echo for _, echo in person.questions] == [False, False]
    assert "core" in person.questions[1][0]


def test_nobody_to_ask() -> None:
    with pytest.raises(CredentialError, match="no terminal"):
        resolve("prompt:")


def test_the_terminal_is_asked_only_where_there_is_one() -> None:
    def closed(_: str) -> str:
        raise EOFError

    def asker(there: bool, hidden: Callable[[str], str]) -> TerminalAsker:
        return TerminalAsker(lambda: there, hidden, lambda question: f"shown {question}")

    assert asker(True, lambda question: f"hidden {question}").ask("Who?", echo=False) == "hidden Who? "
    assert asker(True, closed).ask("Who?", echo=True) == "shown Who? "
    for one in (asker(True, closed), asker(False, str)):
        with pytest.raises(CredentialError):
            one.ask("Who?", echo=False)
