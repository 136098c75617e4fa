"""``schema``: the JSON Schema of the inventory, for editors."""

from __future__ import annotations

import json

import click

from scanner.model.text import Language, Text

HELP = Text(
    zh="打印清单文件的 JSON Schema，供编辑器补全和检查。",
    en="Print the JSON Schema of the inventory file, for editors to complete and check.",
)


def build(language: Language) -> click.Command:
    """Build the command with its help in ``language``."""

    @click.command("schema", help=HELP.say(language))
    def schema() -> int:
        from scanner.inventory import schema as inventory_schema

        click.echo(json.dumps(inventory_schema(), ensure_ascii=False, indent=2))
        return 0

    return schema
