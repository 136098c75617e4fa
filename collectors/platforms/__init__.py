"""Kinds of objects that can be read. ``PLATFORMS`` lists each once; parsers here do no I/O."""

from __future__ import annotations

from collectors.platforms import linux, vulnscan, wire

PLATFORMS = (linux.PLATFORM, wire.PLATFORM, vulnscan.PLATFORM)
