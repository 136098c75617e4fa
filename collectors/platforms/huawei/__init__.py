"""Huawei devices: VRP of switches and routers, and the USG firewalls, read from their configuration."""
