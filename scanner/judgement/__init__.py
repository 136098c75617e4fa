"""Judgements on high risk and triggers of major dangers: read from data, weighed on evidence."""
