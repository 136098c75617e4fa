"""Puts logins and changes of passwords to libpam, as ``sshd`` and ``passwd`` do.

Run as root in a mount namespace whose /etc is made up. Reads JSON on standard input, a list of attempts, each
``["login", service, user, password]`` or ``["change", service, user, old, new]``; prints as JSON whether each
of them succeeded. Nothing sleeps after a failure.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from collections.abc import Callable
from typing import Any

ASKS = {1, 2}  # PAM_PROMPT_ECHO_OFF, PAM_PROMPT_ECHO_ON
FAIL_DELAY = 10


class Message(ctypes.Structure):
    _fields_ = (("style", ctypes.c_int), ("text", ctypes.c_char_p))


class Response(ctypes.Structure):
    _fields_ = (("text", ctypes.c_void_p), ("code", ctypes.c_int))


CONVERSE = ctypes.CFUNCTYPE(
    ctypes.c_int,
    ctypes.c_int,
    ctypes.POINTER(ctypes.POINTER(Message)),
    ctypes.POINTER(ctypes.c_void_p),
    ctypes.c_void_p,
)
DELAY = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p)


class Conversation(ctypes.Structure):
    _fields_ = (("function", CONVERSE), ("data", ctypes.c_void_p))


def libraries() -> tuple[ctypes.CDLL, ctypes.CDLL]:
    """libpam and libc, told which arguments are pointers."""
    pam, libc = ctypes.CDLL("libpam.so.0"), ctypes.CDLL(None)
    libc.calloc.restype, libc.calloc.argtypes = ctypes.c_void_p, (ctypes.c_size_t, ctypes.c_size_t)
    libc.strdup.restype, libc.strdup.argtypes = ctypes.c_void_p, (ctypes.c_char_p,)
    for name in ("pam_authenticate", "pam_acct_mgmt", "pam_chauthtok", "pam_end"):
        getattr(pam, name).argtypes = (ctypes.c_void_p, ctypes.c_int)
    pam.pam_set_item.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
    return pam, libc


def asked(
    service: str, user: str, answer: Callable[[str], str], act: Callable[[ctypes.CDLL, ctypes.c_void_p], bool]
) -> bool:
    """Open a transaction in which every question gets its ``answer``, and ``act`` in it."""
    pam, libc = libraries()

    def converse(count: int, messages: Any, responses: ctypes.Array[ctypes.c_void_p], _: object) -> int:
        told = libc.calloc(count, ctypes.sizeof(Response))
        for i in range(count):
            message = messages[i].contents
            if message.style in ASKS:
                text = answer((message.text or b"").decode().lower())
                Response.from_address(told + i * ctypes.sizeof(Response)).text = libc.strdup(text.encode())
        responses[0] = told
        return 0

    conversation = Conversation(CONVERSE(converse), None)
    at_once = DELAY(lambda *_: None)
    handle = ctypes.c_void_p()
    started = pam.pam_start(service.encode(), user.encode(), ctypes.byref(conversation), ctypes.byref(handle))
    if started != 0:
        raise OSError(started, "pam_start")
    pam.pam_set_item(handle, FAIL_DELAY, ctypes.cast(at_once, ctypes.c_void_p))
    try:
        return act(pam, handle)
    finally:
        pam.pam_end(handle, 0)


def login(service: str, user: str, password: str) -> bool:
    return asked(
        service,
        user,
        lambda _: password,
        lambda pam, handle: pam.pam_authenticate(handle, 0) == 0 and pam.pam_acct_mgmt(handle, 0) == 0,
    )


def change(service: str, user: str, old: str, new: str) -> bool:
    """As a set-uid passwd: called by the user, with root's rights."""
    os.setresuid(1000, 0, 0)
    try:
        return asked(
            service,
            user,
            lambda question: old if "current" in question else new,
            lambda pam, handle: pam.pam_chauthtok(handle, 0) == 0,
        )
    finally:
        os.setresuid(0, 0, 0)


if __name__ == "__main__":
    ways: dict[str, Callable[..., bool]] = {"login": login, "change": change}
    json.dump([ways[way](*rest) for way, *rest in json.load(sys.stdin)], sys.stdout)
