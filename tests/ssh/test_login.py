"""The order of offers, against a server that keeps a protocol: what it is sent, and what it never is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collectors.credentials import Credentials, NoAsker, Secret
from collectors.transport.ssh_login import Dialogue, Login
from collectors.transport.ssh_wire import Answer, Reply, shown
from scanner.errors import ObservationError
from scanner.model import GapReason
from tests.ssh.sshd import keygen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from collectors.credentials import Asker
    from collectors.transport.ssh_keys import OfferedKey

YES = Answer(accepted=True)


def no(*methods: str) -> Answer:
    return Answer(accepted=False, methods=methods)


def part(*methods: str) -> Answer:
    return Answer(accepted=False, partial=True, methods=methods)


class Scripted:
    """Answers offers in order; keeps what it was offered, prompts included."""

    def __init__(self, *answers: Answer, prompts: tuple[Reply, ...] = (("Password: ", False),)) -> None:
        self.answers = list(answers)
        self.offers: list[str] = []
        self.prompts = list(prompts)
        self.signature_algorithms: tuple[str, ...] = ()

    def begin_login(self) -> None:
        assert not self.offers

    def offer_nothing(self, user: str) -> Answer:
        assert user == "auditor"
        return self.answers.pop(0)

    def offer_key(self, user: str, key: OfferedKey, algorithm: str) -> Answer:
        assert (user, bool(key.blob)) == ("auditor", True)
        self.offers.append(algorithm)
        return self.answers.pop(0)

    def offer_password(self, user: str, password: str) -> Answer:
        assert user == "auditor"
        self.offers.append(f"password {password}")
        return self.answers.pop(0)

    def offer_dialogue(self, user: str, reply: Callable[[list[Reply]], list[str]]) -> Answer:
        assert user == "auditor"
        self.offers.append(f"dialogue {' '.join(reply(self.prompts))}")
        return self.answers.pop(0)


class Person:
    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.questions: list[str] = []

    def ask(self, question: str, *, echo: bool) -> str:
        self.questions.append(f"{question}{' (shown)' if echo else ''}")
        return self.answer


def log_in(server: Scripted, *references: str, asker: Asker | None = None) -> list[str]:
    credentials = Credentials({"A": "alpha", "B": "beta"}, asker or NoAsker())
    Login("auditor", references, credentials).run(server, "web1")
    assert not server.answers
    return server.offers


def refusal(server: Scripted, *references: str, asker: Asker | None = None) -> str:
    with pytest.raises(ObservationError) as caught:
        log_in(server, *references, asker=asker)
    gap = caught.value.gap
    assert gap.reason is GapReason.AUTHENTICATION
    assert "alpha" not in gap.detail
    assert "beta" not in gap.detail
    return gap.detail


@pytest.fixture
def key(tmp_path: Path) -> str:
    return f"key:{keygen(tmp_path / 'id', '-t', 'ed25519')}"


@pytest.fixture
def rsa(tmp_path: Path) -> str:
    return f"key:{keygen(tmp_path / 'rsa', '-t', 'rsa', '-b', '2048')}"


def test_a_server_that_wants_nothing_is_offered_nothing() -> None:
    assert log_in(Scripted(YES), "env:A") == []


def test_a_password_goes_by_the_password_method_where_there_is_one() -> None:
    assert log_in(Scripted(no("keyboard-interactive", "password"), YES), "env:A") == ["password alpha"]
    assert log_in(Scripted(no("publickey", "keyboard-interactive"), YES), "env:A") == ["dialogue alpha"]


def test_a_refused_password_is_not_sent_again_nor_another_one() -> None:
    server = Scripted(no("password", "keyboard-interactive"), no("password", "keyboard-interactive"))
    detail = refusal(server, "env:A", "env:B")
    assert server.offers == ["password alpha"]
    assert "password env:A refused" in detail


def test_keys_are_tried_before_the_password(key: str, rsa: str) -> None:
    server = Scripted(
        no("publickey", "password"), no("publickey", "password"), no("publickey", "password"), YES
    )
    assert log_in(server, "env:A", key, rsa) == ["ssh-ed25519", "rsa-sha2-512", "password alpha"]


def test_the_same_key_is_not_offered_twice(key: str) -> None:
    server = Scripted(no("publickey"), no("publickey"))
    refusal(server, key, key)
    assert server.offers == ["ssh-ed25519"]


def test_methods_the_server_does_not_accept_are_not_tried(key: str) -> None:
    server = Scripted(no("publickey"))
    assert "the server accepts publickey" in refusal(server, "env:A")
    assert server.offers == []
    server = Scripted(no("gssapi-with-mic"))
    assert "gssapi" in refusal(server, "env:A", key)
    assert server.offers == []


def test_key_then_one_time_code(key: str) -> None:
    person = Person("123456")
    prompts = (("Verification code: ", False),)
    server = Scripted(no("publickey"), part("keyboard-interactive"), YES, prompts=prompts)
    assert log_in(server, key, asker=person) == ["ssh-ed25519", "dialogue 123456"]
    assert person.questions == ["auditor@web1: Verification code:"]


def test_key_then_password_and_code_in_one_dialogue(key: str) -> None:
    prompts = (("(auditor@web1) Password: ", False), ("Token", True))
    server = Scripted(no("publickey"), part("keyboard-interactive"), YES, prompts=prompts)
    person = Person("42")
    assert log_in(server, key, "env:A", asker=person)[1] == "dialogue alpha 42"
    assert person.questions == ["auditor@web1: Token (shown)"]


def test_a_second_factor_that_nobody_can_give_is_named(key: str) -> None:
    server = Scripted(no("publickey"), part("keyboard-interactive"), prompts=(("OTP:\x1b[31m", False),))
    detail = refusal(server, key)
    assert "OTP:?[31m" in detail
    assert "\x1b" not in detail


def test_nobody_is_asked_for_a_password_that_no_reference_names(key: str) -> None:
    person = Person("typed")
    server = Scripted(no("publickey", "keyboard-interactive"), no("publickey", "keyboard-interactive"))
    refusal(server, key, asker=person)
    assert person.questions == []


def test_unusable_references_are_named_and_the_others_used(key: str) -> None:
    server = Scripted(no("publickey", "password"), no("publickey", "password"))
    detail = refusal(server, "key:/no/such/key", "env:ABSENT", "agent:", key)
    assert server.offers == ["ssh-ed25519"]
    for words in ("/no/such/key", "env:ABSENT", "agent:"):
        assert words in detail


def test_rsa_keys_wait_for_servers_that_take_sha2(rsa: str) -> None:
    server = Scripted(no("publickey"), YES)
    server.signature_algorithms = ("ssh-ed25519", "rsa-sha2-256")
    assert log_in(server, rsa) == ["rsa-sha2-256"]
    server = Scripted(no("publickey"))
    server.signature_algorithms = ("ssh-rsa",)
    assert "no SHA-2" in refusal(server, rsa)
    assert server.offers == []


def test_no_more_than_four_offers(tmp_path: Path) -> None:
    keys = [f"key:{keygen(tmp_path / f'k{n}', '-t', 'ed25519')}" for n in range(6)]
    server = Scripted(*[no("publickey", "password")] * 5)
    assert "stopped after 4 offers" in refusal(server, *keys, "env:A")
    assert len(server.offers) == 4


@pytest.mark.parametrize(
    "prompt",
    [
        "Password:",
        "password: ",
        "Password for root:",
        "(root@web1) Password: ",
        "root@web1's password: ",
        "密码：",
        "口令:",
    ],
)
def test_prompts_that_mean_the_password(prompt: str) -> None:
    assert Dialogue(Secret("alpha"), NoAsker(), "me").reply([(prompt, False)]) == ["alpha"]


@pytest.mark.parametrize(
    ("prompt", "echo"),
    [
        ("One-time password (OTP): ", False),
        ("Password or PIN: ", False),
        ("Verification code", False),
        ("Password: ", True),  # it would be shown
        ("New password: ", False),
        ("Retype new password: ", False),
        ("Current password: ", False),
        ("新密码：", False),
        ("动态口令:", False),
        ("Your password has expired. Password:", False),
    ],
)
def test_prompts_that_do_not_get_the_password(prompt: str, echo: bool) -> None:
    with pytest.raises(ObservationError):
        Dialogue(Secret("alpha"), NoAsker(), "me").reply([(prompt, echo)])


def test_the_password_is_given_once_a_dialogue_and_rounds_end() -> None:
    dialogue = Dialogue(Secret("alpha"), NoAsker(), "me")
    assert dialogue.reply([("Password: ", False)]) == ["alpha"]
    with pytest.raises(ObservationError):
        dialogue.reply([("Password: ", False)])
    endless = Dialogue(None, NoAsker(), "me")
    assert [endless.reply([]) for _ in range(8)] == [[]] * 8
    with pytest.raises(ObservationError, match="stop asking"):
        endless.reply([])


def test_servers_text_is_made_safe() -> None:
    assert shown("a\r\n\x1b[2Jb\x00\u202ec\t" + "x" * 500) == ("a ?[2Jb??c " + "x" * 500)[:200]
