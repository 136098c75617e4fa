"""What rules of a public rule set ask, as predicates on our facts, one module a topic.

``TOPICS`` lists the modules' tables once; a rule that stands in none is counted as left out, with the word
that ``left_out`` gives for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.scenarios import audit, files, lockout, log_files, logging, password, session, ssh, sudo, time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.scenarios.rule import Rule

TOPICS: Mapping[str, Mapping[str, Rule]] = {
    "audit": audit.RULES,
    "logging": logging.RULES,
    "log permissions": log_files.RULES,
    "time": time.RULES,
    "ssh": ssh.RULES,
    "password policy": password.RULES,
    "lockout": lockout.RULES,
    "files": files.RULES,
    "trust files": files.TRUST,
    "sudo": sudo.RULES,
    "session": session.RULES,
}
"""Rules by the topic under which their agreement is printed."""
