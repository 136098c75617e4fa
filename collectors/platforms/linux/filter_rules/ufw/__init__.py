"""Rules of ufw: its files, and what its status prints."""
