"""What rules ask of system calls: that each is recorded, in vain or not, by a rule or a file of rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product

from benchmarks.scenarios.audit_events import (
    BOTH,
    DONE,
    READ_WRITE,
    asks_of_rules,
    calls,
    changes,
    explicit,
    recorded,
)
from benchmarks.scenarios.rule import Predicate, Variables
from scanner.facts import WrittenAuditRules
from scanner.facts.audit_event import ERRORS, PERSON, AuditEvent

_CREATE, _TRUNCATE = 0o100, 0o1003  # O_CREAT; O_TRUNC with O_RDWR

_DAC = "chmod chown fchmod fchmodat fchmodat2 fchown fchownat lchown umount umount2".split()
_XATTR = "fremovexattr fsetxattr lremovexattr lsetxattr removexattr setxattr".split()
_DELETIONS = "rename renameat renameat2 rmdir unlink unlinkat".split()
_MODULES = {
    "create": "create_module",
    "delete": "delete_module",
    "finit": "finit_module",
    "init": "init_module",
    "query": "query_module",
}
_TIMES = "adjtimex clock_settime settimeofday stime".split()
_OPENS = "creat ftruncate open open_by_handle_at openat truncate".split()
_ROOT: Mapping[str, int] = {**DONE, "auid": 0}


def _system_calls() -> Iterator[tuple[str, Predicate]]:
    for name in _DAC:
        yield f"audit_rules_dac_modification_{name}", recorded(*calls(name))
    for name in _XATTR:  # of these the set asks for root's own, too
        yield (
            f"audit_rules_dac_modification_{name}",
            recorded(*calls(name), *calls(name, known=_ROOT)),
        )
    for name in _DELETIONS:
        yield f"audit_rules_file_deletion_events_{name}", recorded(*calls(name))
    yield "audit_rules_file_deletion_events", recorded(*calls("rename", "renameat", "unlink", "unlinkat"))
    for short, name in _MODULES.items():
        yield f"audit_rules_kernel_module_loading_{short}", recorded(*calls(name))
    yield (
        "audit_rules_kernel_module_loading",
        recorded(*calls("init_module", "finit_module", "delete_module")),
    )
    for name in _TIMES:
        yield f"audit_rules_time_{name}", recorded(*calls(name, known={**DONE, "a0": 0}))
    for name in ("sethostname", "setdomainname"):
        yield f"audit_rules_networkconfig_modification_{name}", recorded(*calls(name))
    yield "audit_rules_media_export", recorded(*calls("mount"))
    yield "audit_rules_suid_privilege_function", recorded(*_gaining())
    yield (
        "audit_rules_suid_auid_privilege_function",
        recorded(*calls("execve", known={**DONE, "euid": 0}), *calls("execve", known={**DONE, "euid": 33})),
    )


def _gaining() -> list[AuditEvent]:
    return [
        replace(event, access="x")
        for gained in ("euid", "egid")
        for event in calls("execve", known={**DONE, gained: 0})
    ]


# --- refused and successful accesses ---------------------------------------------------------------


def _in_vain(
    *names: str, more: Mapping[str, int] | None = None, arches: tuple[str, ...] = BOTH
) -> list[AuditEvent]:
    return [
        event
        for code in (ERRORS["EACCES"], ERRORS["EPERM"])
        for event in calls(
            *names, known={**PERSON, **(more or {}), "success": 0, "exit": -code}, arches=arches
        )
    ]


def _flag(name: str) -> str:
    """The argument that holds the flags of a call that opens a file."""
    return "a1" if name == "open" else "a2"


def _accesses() -> Iterator[tuple[str, Predicate]]:
    for name in (*_OPENS, *_DAC, *_XATTR, *_DELETIONS):
        yield f"audit_rules_unsuccessful_file_modification_{name}", recorded(*_in_vain(name))
        yield f"audit_rules_successful_file_modification_{name}", recorded(*calls(name))
    yield "audit_rules_unsuccessful_file_modification", recorded(*_in_vain(*_OPENS))
    for name in ("open", "openat", "open_by_handle_at"):
        for suffix, flags in (("o_creat", _CREATE), ("o_trunc_write", _TRUNCATE)):
            more = {_flag(name): flags}
            yield (
                f"audit_rules_unsuccessful_file_modification_{name}_{suffix}",
                recorded(*_in_vain(name, more=more)),
            )
            yield (
                f"audit_rules_successful_file_modification_{name}_{suffix}",
                recorded(*calls(name, known={**DONE, **more})),
            )
        yield f"audit_rules_unsuccessful_file_modification_{name}_rule_order", _in_order(name)
    for name in ("passwd", "shadow", "group", "gshadow"):
        for call in ("open", "openat", "open_by_handle_at"):
            known = {**DONE, _flag(call): READ_WRITE}
            yield (
                f"audit_rules_etc_{name}_{call}",
                recorded(*(AuditEvent(call, arch, f"/etc/{name}", "w", known) for arch in BOTH)),
            )


def _in_order(name: str) -> Predicate:
    """Creation, change and mere access are each recorded by a rule of their own."""

    def holds(rules: WrittenAuditRules, _: Variables) -> bool | None:
        for arch, code in product(BOTH, (ERRORS["EACCES"], ERRORS["EPERM"])):
            known = {**PERSON, "success": 0, "exit": -code}
            events = [
                AuditEvent(name, arch, access="w", known={**known, _flag(name): flags})
                for flags in (_CREATE, _TRUNCATE, 0)
            ]
            deciding = [next((r for r in rules.rules if r.parts.fits(event)), None) for event in events]
            if None in deciding or len({r.at for r in deciding if r}) < len(events):
                return False
        return True

    return asks_of_rules(holds)


# --- whole files of rules --------------------------------------------------------------------------

_OLD = frozenset("open creat unlink rename chmod chown lchown".split())
"""System calls that 64-bit ARM does not have."""

_GROUPS: Mapping[str, tuple[tuple[str, Mapping[str, int]], ...]] = {
    "access": tuple((n, {}) for n in ("open", "openat", "open_by_handle_at")),
    "create": (
        ("openat", {"a2": _CREATE}),
        ("open_by_handle_at", {"a2": _CREATE}),
        ("open", {"a1": _CREATE}),
        ("creat", {}),
    ),
    "modify": (
        ("openat", {"a2": READ_WRITE}),
        ("open_by_handle_at", {"a2": READ_WRITE}),
        ("open", {"a1": READ_WRITE}),
        ("truncate", {}),
        ("ftruncate", {}),
    ),
    "delete": tuple((n, {}) for n in ("unlink", "unlinkat", "rename", "renameat")),
    "perm_change": tuple((n, {}) for n in ("chmod", "fchmod", "fchmodat", *_XATTR)),
    "owner_change": tuple((n, {}) for n in ("lchown", "fchown", "chown", "fchownat")),
}


def _whole_files() -> Iterator[tuple[str, Predicate]]:
    for machine in ("", "_aarch64", "_ppc64le"):
        arches = ("b64",) if machine == "_ppc64le" else BOTH
        for group, wanted in _GROUPS.items():
            for result, known in (("failed", None), ("success", DONE)):
                events = [
                    event
                    for name, more in wanted
                    for event in (
                        _in_vain(name, more=more, arches=arches)
                        if known is None
                        else calls(name, known={**known, **more}, arches=arches)
                    )
                    if not (machine == "_aarch64" and event.arch == "b64" and name in _OLD)
                ]
                yield f"audit_{group}_{result}{machine}", recorded(*events, clean=True)
        loading = calls("init_module", "finit_module", "delete_module", arches=arches)
        yield f"audit_module_load{machine}", recorded(*loading, clean=True)
        general = [
            e for e in changes("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow") if e.arch in arches
        ]
        yield f"audit_ospp_general{machine}", recorded(*general, clean=True)
    yield "audit_rules_for_ospp", recorded(*changes("/etc/passwd", "/etc/shadow"), clean=True)
    yield (
        "audit_basic_configuration",
        asks_of_rules(lambda r, _: not r.refused and explicit(r.on_failure, 1, 2)),
    )
    yield (
        "audit_immutable_login_uids",
        asks_of_rules(lambda r, _: not r.refused and explicit(r.login_uids_locked, True)),
    )


ASKED: Mapping[str, Predicate] = {
    **dict(_system_calls()),
    **dict(_accesses()),
    **dict(_whole_files()),
}
"""What each rule on system calls asks."""
