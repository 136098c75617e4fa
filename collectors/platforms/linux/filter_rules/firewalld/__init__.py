"""Configuration of firewalld: zones, policies, rich rules, services, sets of addresses, direct rules."""
