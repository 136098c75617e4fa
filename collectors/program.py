"""One POSIX sh program for all steps of one object."""

from __future__ import annotations

LAUNCH_ARGV = ("sh", "-c", 'eval "$(cat)"')
"""What starts the program: it is fed on standard input, so that no argument ever shows it."""

LAUNCH = """sh -c 'eval "$(cat)"'"""
"""The same as one string for a remote login shell, whichever it is."""
