"""Sets of packets, and what a list of rules makes of them. Pure."""
