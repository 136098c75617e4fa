"""``schema``: the JSON Schema of the inventory, for editors."""

from __future__ import annotations

import json

import click

from scanner.cli.speaking import speaking
from scanner.model.text import Language, Text

HELP = Text(
    zh="""\
打印清单文件的 JSON Schema，供编辑器补全和检查。

\b
例：
  mlps-posture schema > inventory.schema.json""",
    en="""\
Print the JSON Schema of the inventory file, for editors to complete and check.

\b
Example:
  mlps-posture schema > inventory.schema.json""",
)


def build(language: Language) -> click.Command:
    """Build the command with its help in ``language``."""

    @speaking("schema", HELP, language)
    def schema() -> int:
        from scanner.cli.writing import write_out
        from scanner.inventory import schema as inventory_schema

        write_out(json.dumps(inventory_schema(), ensure_ascii=False, indent=2) + "\n", None)
        return 0

    return schema
