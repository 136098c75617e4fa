"""Sending halves of the probes: they put bytes on the wire and write down what came, and judge nothing.

Each kind has a module here and a pure reading half of the same name in ``collectors.platforms.wire``. All of
them run in the prober's own process (``worker``), which has given its rights away before it reads a byte.
"""
