"""``python -m scanner.cli`` is ``mlps-posture``."""

from scanner.start import main

main()
