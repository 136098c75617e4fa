"""Running a PAM stack on paper against libpam itself, with modules that return what they are told."""

from __future__ import annotations

import ctypes
import ctypes.util
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from collectors.base import Unseen
from collectors.evidence import Evidence
from collectors.platforms.linux import PLATFORM
from collectors.platforms.linux.pam_stack import PAM_FILES, Returned, Rule, runs, stack
from tests.platforms.fixture import OBJECT, file_captures

LIBRARY = ctypes.util.find_library("pam")
MODULES = [*Path("/lib").glob("*/security/pam_debug.so"), *Path("/usr/lib64/security").glob("pam_debug.so")]

pytestmark = pytest.mark.skipif(
    LIBRARY is None or not MODULES, reason="libpam with pam_debug.so is not installed"
)

ANSWERS = [answer.value for answer in Returned]
ACTIONS = "ignore bad die ok done reset 1 2".split()


class _Message(ctypes.Structure):
    _fields_ = (("style", ctypes.c_int), ("text", ctypes.c_char_p))


_CONVERSE = ctypes.CFUNCTYPE(
    ctypes.c_int,
    ctypes.c_int,
    ctypes.POINTER(ctypes.POINTER(_Message)),
    ctypes.POINTER(ctypes.c_void_p),
    ctypes.c_void_p,
)


class _Conversation(ctypes.Structure):
    _fields_ = (("function", _CONVERSE), ("data", ctypes.c_void_p))


@dataclass(frozen=True)
class LibPam:
    """Asks libpam whether a stack lets somebody in."""

    library: ctypes.CDLL
    libc: ctypes.CDLL

    def succeeds(self, folder: Path) -> bool:
        def converse(count: int, _: object, responses: ctypes.Array[ctypes.c_void_p], __: object) -> int:
            responses[0] = self.libc.calloc(count, 2 * ctypes.sizeof(ctypes.c_void_p))
            return 0

        conversation = _Conversation(_CONVERSE(converse), None)
        handle = ctypes.c_void_p()
        started = self.library.pam_start_confdir(
            b"service", b"nobody", ctypes.byref(conversation), str(folder).encode(), ctypes.byref(handle)
        )
        assert started == 0
        result: int = self.library.pam_authenticate(handle, 0)
        self.library.pam_end(handle, result)
        return result == 0


@pytest.fixture(scope="module")
def libpam() -> LibPam:
    library, libc = ctypes.CDLL(LIBRARY), ctypes.CDLL(None)
    if not hasattr(library, "pam_start_confdir"):
        pytest.skip("this libpam reads no folder of our choice (before 1.4)")
    libc.calloc.restype = ctypes.c_void_p
    libc.calloc.argtypes = (ctypes.c_size_t, ctypes.c_size_t)
    library.pam_authenticate.argtypes = (ctypes.c_void_p, ctypes.c_int)
    library.pam_end.argtypes = (ctypes.c_void_p, ctypes.c_int)
    return LibPam(library, libc)


@st.composite
def module_lines(draw: st.DrawFn) -> str:
    control = draw(st.sampled_from("required requisite sufficient optional listed listed".split()))
    if control == "listed":
        values = draw(st.lists(st.sampled_from([*ANSWERS, "default"]), min_size=1, max_size=3, unique=True))
        control = "[" + " ".join(f"{value}={draw(st.sampled_from(ACTIONS))}" for value in values) + "]"
    return f"auth {control} pam_debug.so auth={draw(st.sampled_from(ANSWERS))}"


def parts(most: int) -> st.SearchStrategy[str]:
    return st.lists(module_lines(), max_size=most).map(lambda found: "".join(f"{line}\n" for line in found))


INCLUDES = st.sampled_from(["", "auth include inner\n", "auth substack inner\n", "@include inner\n"])


def answer(rule: Rule) -> Returned:
    return Returned(rule.argument("auth") or "")


def on_paper(service: str, inner: str) -> bool:
    files = {"/etc/pam.d/service": service.encode(), "/etc/pam.d/inner": inner.encode()}
    evidence = Evidence.of(OBJECT, PLATFORM, list(file_captures(PLATFORM, PAM_FILES, files)))
    _, rules = stack(evidence, "service", "auth")
    (run,) = runs(rules, answer)
    return run.succeeds


@settings(
    max_examples=max(150, settings().max_examples),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(parts(4), INCLUDES, parts(4), parts(4))
@example(
    "auth [success=1 default=ignore] pam_debug.so auth=success\n",
    "",
    "auth requisite pam_debug.so auth=auth_err\n",
    "",
)
@example("auth sufficient pam_debug.so auth=success\n", "", "auth required pam_debug.so auth=auth_err\n", "")
def test_a_stack_on_paper_ends_as_in_libpam(
    libpam: LibPam, tmp_path: Path, before: str, include: str, after: str, inner: str
) -> None:
    service = before + include + after
    if "auth=" not in service + inner * bool(include):
        return  # libpam falls back to the service other
    (tmp_path / "service").write_text(service.replace(" inner\n", f" {tmp_path}/inner\n"))
    (tmp_path / "inner").write_text(inner)
    (tmp_path / "other").write_text("auth required pam_deny.so\n")
    try:
        seen = on_paper(service, inner)
    except (Unseen, ValueError):
        return
    assert seen == libpam.succeeds(tmp_path), (service, inner)
