"""``sudoers``: the least rights that let an unprivileged account see what root sees."""

from __future__ import annotations

import click

from scanner.cli.speaking import speaking
from scanner.model.text import Language, Text

HELP = Text(
    zh="""\
打印供扫描账户使用的 sudoers 片段：只含只读步骤的固定命令，逐条注明用途。

\b
例：
  mlps-posture sudoers --user audit > mlps-posture.sudoers
  visudo -cf mlps-posture.sudoers && install -m 0440 mlps-posture.sudoers /etc/sudoers.d/mlps-posture""",
    en="""\
Print the sudoers text for a scan account: only the constant commands of read-only steps, each with its why.

\b
Example:
  mlps-posture sudoers --user audit > mlps-posture.sudoers
  visudo -cf mlps-posture.sudoers && install -m 0440 mlps-posture.sudoers /etc/sudoers.d/mlps-posture""",
)
_USER = Text(zh="扫描账户。", en="The scan account.")


def build(language: Language) -> click.Command:
    """Build the command with its help in ``language``."""

    @speaking("sudoers", HELP, language)
    @click.option("--user", required=True, help=_USER.say(language))
    def sudoers(user: str) -> int:
        from collectors.platforms import PLATFORMS
        from collectors.rights import sudoers as text
        from scanner.errors import InputError

        try:
            click.echo(text(PLATFORMS, user), nl=False)
        except ValueError as error:
            raise InputError(str(error)) from error
        return 0

    return sudoers
