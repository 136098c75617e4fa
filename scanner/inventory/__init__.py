"""The inventory: what is assessed and how it is reached, read from YAML with every mistake at its place.

The file names systems with their grades, zones, assessment objects, the way to each of them, the vantages
that probes are sent from and the register of approved tunnels. Secrets stand in it only as references
(``agent:``, ``key:PATH``, ``env:NAME``, ``file:PATH``, ``prompt:``).
"""

from scanner.inventory.file import InventoryFile, Way
from scanner.inventory.load import load_inventory
from scanner.inventory.probing import WIRE, Spared
from scanner.inventory.values import (
    Inventory,
    operating_systems,
    read_normalised,
    schema,
    single_object,
)

__all__ = [
    "WIRE",
    "Inventory",
    "InventoryFile",
    "Spared",
    "Way",
    "load_inventory",
    "operating_systems",
    "read_normalised",
    "schema",
    "single_object",
]
