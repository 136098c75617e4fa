"""What people state beside what a scan sees: from files to an assessment. None of it removes a no."""

from scanner.statements.apply import apply, apply_to_all
from scanner.statements.known import Known
from scanner.statements.load import load_statements

__all__ = ["Known", "apply", "apply_to_all", "load_statements"]
