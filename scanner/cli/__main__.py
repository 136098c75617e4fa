"""``python -m scanner.cli`` is ``mlps-posture``."""

from scanner.cli import main

main()
