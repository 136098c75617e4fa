"""Observe, read-only: the only package that opens a socket or starts a process."""
