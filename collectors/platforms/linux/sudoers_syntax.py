"""sudoers(5): one logical line at a time, as sudo's own parser reads it.

What it does not take raises ``RefusedError``; nothing is skipped in silence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

TAGS = frozenset(
    """
    PASSWD NOPASSWD EXEC NOEXEC SETENV NOSETENV LOG_INPUT NOLOG_INPUT LOG_OUTPUT NOLOG_OUTPUT FOLLOW NOFOLLOW
    MAIL NOMAIL INTERCEPT NOINTERCEPT
    """.split()
)
_OPTIONS = "ROLE|TYPE|APPARMOR_PROFILE|PRIVS|LIMITPRIVS|TIMEOUT|NOTBEFORE|NOTAFTER|CWD|CHROOT"

_ALIAS_KINDS = {
    "User_Alias": "user",
    "Runas_Alias": "user",
    "Host_Alias": "host",
    "Cmnd_Alias": "command",
    "Cmd_Alias": "command",
}
_ALIAS = re.compile(r"[A-Z][A-Z0-9_]*")
_OPTION = re.compile(rf"(?:{_OPTIONS})[ \t]*=[ \t]*(\"[^\"]*\"|(?:\\.|[^\s,:=\"])+)")
_TAG = re.compile(r"([A-Z_]+)[ \t]*:")
_DIGEST = re.compile(r"sha(?:224|256|384|512)[ \t]*:[ \t]*[A-Za-z0-9+/=]+[ \t]*,?[ \t]*")
_IPV6 = re.compile(r"(?=[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:)[0-9A-Fa-f:.]+(?:/[0-9A-Fa-f:]+)?(?=[\s,=])")
_WORD = re.compile(r"(?:[%+#@]:?|%#)?(?:\"[^\"]*\"|(?:\\.|[^\s,:=()!\"\\])+)")
_DEFAULTS = re.compile(r"Defaults(?:([@:!>])[ \t]*|(?=\s))")
_SETTING = re.compile(
    r"(!?)[ \t]*([A-Za-z_0-9]+)[ \t]*(?:([+-]?=)[ \t]*(\"(?:\\.|[^\"\\])*\"|(?:\\.|[^\s,\"\\])*))?"
)
_PROGRAM_END = re.compile(r"^((?:\\.|[^\s=\\])+)(?==)")
"""An equals sign ends the name of a program, as a blank does."""
_INCLUDE = re.compile(r"[#@](include|includedir)\s+(\"[^\"]*\"|(?:\\.|\S)+)\s*(?:#.*)?")


class RefusedError(ValueError):
    """sudo would not take the line; the text says why."""


@dataclass(frozen=True, slots=True)
class Include:
    """``@include`` or ``@includedir``."""

    path: str
    folder: bool


@dataclass(frozen=True, slots=True)
class Alias:
    """One alias: what it stands for, as written."""

    kind: str  # user, host, command
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a Defaults line."""

    scope: str
    name: str
    on: bool
    value: str


@dataclass(frozen=True, slots=True)
class Grant:
    """One command of a user specification."""

    users: tuple[str, ...]
    hosts: tuple[str, ...]
    run_as: tuple[str, ...]
    run_as_groups: tuple[str, ...]
    tags: tuple[str, ...]
    command: str
    negated: bool


Statement = Include | Alias | Setting | Grant


def logical_lines(lines: tuple[str, ...]) -> list[tuple[int, str]]:
    """Lines joined by a backslash, with the number of their first; comments and empty ones left out."""
    found: list[tuple[int, str]] = []
    text, first = "", 0
    for number, line in enumerate(lines, 1):
        first = first or number
        if line.endswith("\\") and not line.endswith("\\\\"):
            text += line[:-1]
            continue
        bare = _without_comment(text + line).strip()
        if bare:
            found.append((first, bare))
        text, first = "", 0
    if _without_comment(text).strip():
        found.append((first, _without_comment(text).strip()))
    return found


def _without_comment(line: str) -> str:
    """A ``#`` begins a comment but for an include, a number of a user or group, a quote or a backslash."""
    if _INCLUDE.fullmatch(line.strip()):
        return line
    quoted, at = False, 0
    while at < len(line):
        sign = line[at]
        if sign == "\\":
            at += 1
        elif sign == '"':
            quoted = not quoted
        elif sign == "#" and not quoted and not re.match(r"#-?[0-9]+(?=[\s,=():!]|$)", line[at:]):
            return line[:at]
        at += 1
    return line


def statements(text: str) -> list[Statement]:
    """What one logical line says.

    Raises:
        RefusedError: sudo would not take it.
    """
    include = _INCLUDE.fullmatch(text)
    if include is not None:
        return [Include(_plain(include[2]), include[1] == "includedir")]
    line = _Line(text)
    if _DEFAULTS.match(text):
        return list(line.defaults())
    word = re.match(r"\w+", text)
    if word is not None and word[0] in _ALIAS_KINDS:
        line.at = word.end()
        return list(line.aliases(_ALIAS_KINDS[word[0]]))
    return list(line.grants())


def _plain(word: str) -> str:
    """A word without quotes and escapes."""
    prefix = re.match(r"(?:[%+#@]:?|%#)?", word)
    begin = prefix.end() if prefix is not None else 0
    body = word[begin:]
    if len(body) > 1 and body[0] == body[-1] == '"':
        return word[:begin] + body[1:-1]
    return re.sub(r"\\(.)", r"\1", word)


@dataclass(slots=True)
class _Line:
    """One logical line and how far it was read."""

    text: str
    at: int = 0
    tags: dict[str, str] = field(default_factory=dict)

    # --- signs

    def blanks(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in " \t":
            self.at += 1

    def sign(self, sign: str) -> bool:
        """Take ``sign`` if it comes next."""
        self.blanks()
        if not self.text.startswith(sign, self.at):
            return False
        self.at += len(sign)
        return True

    def expect(self, sign: str) -> None:
        if not self.sign(sign):
            raise RefusedError(f"no {sign!r} where it belongs")

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        self.blanks()
        match = pattern.match(self.text, self.at)
        if match is not None:
            self.at = match.end()
        return match

    def ended(self) -> bool:
        self.blanks()
        return self.at >= len(self.text)

    # --- lists

    def members(self, *, hosts: bool = False) -> tuple[str, ...]:
        """Names with commas between them."""
        found = [self.member(hosts=hosts)]
        while self.sign(","):
            found.append(self.member(hosts=hosts))
        return tuple(found)

    def member(self, *, hosts: bool) -> str:
        negated = self.negations()
        match = (self.take(_IPV6) if hosts else None) or self.take(_WORD)
        if match is None:
            raise RefusedError("a name is missing")
        return "!" * negated + _plain(match[0])

    def negations(self) -> bool:
        odd = False
        while self.sign("!"):
            odd = not odd
        return odd

    # --- statements

    def aliases(self, kind: str) -> list[Alias]:
        found: list[Alias] = []
        while True:
            name = self.take(_ALIAS)
            if name is None or name[0] == "ALL":
                raise RefusedError("no name of an alias")
            self.expect("=")
            members = self.commands() if kind == "command" else self.members(hosts=kind == "host")
            found.append(Alias(kind, name[0], members))
            if not self.sign(":"):
                break
        self.end()
        return found

    def commands(self) -> tuple[str, ...]:
        found: list[str] = []
        while True:
            negated = self.negations()
            found.append("!" * negated + self.command())
            if not self.sign(","):
                return tuple(found)

    def defaults(self) -> list[Setting]:
        head = self.take(_DEFAULTS)
        assert head is not None  # noqa: S101 - the caller has seen it
        scope = ""
        if head[1]:
            names = self.members(hosts=head[1] == "@")  # of commands too: none with arguments
            scope = head[1] + ",".join(names)
        found: list[Setting] = []
        while True:
            setting = self.take(_SETTING)
            if setting is None or (setting[1] and setting[3]):
                raise RefusedError("no setting")
            found.append(Setting(scope, setting[2], not setting[1], _plain(setting[4] or "")))
            if not self.sign(","):
                break
        self.end()
        return found

    def end(self) -> None:
        if not self.ended():
            raise RefusedError("more than belongs on the line")

    def grants(self) -> list[Grant]:
        users = self.members()
        found: list[Grant] = []
        while True:
            hosts = self.members(hosts=True)
            self.expect("=")
            found += self.privileges(users, hosts)
            if not self.sign(":"):
                break
        self.end()
        return found

    def privileges(self, users: tuple[str, ...], hosts: tuple[str, ...]) -> list[Grant]:
        """Commands with what holds for them: run-as lists and tags hold until others come."""
        found: list[Grant] = []
        run_as: tuple[str, ...] = ()
        groups: tuple[str, ...] = ()
        self.tags = {}
        while True:
            if self.sign("("):
                run_as, groups = self.runas()
            while self.take(_OPTION):
                pass
            self.take_tags()
            negated = self.negations()
            command = self.command()
            found.append(Grant(users, hosts, run_as, groups, tuple(self.tags.values()), command, negated))
            if not self.sign(","):
                return found

    def runas(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        users: tuple[str, ...] = ()
        groups: tuple[str, ...] = ()
        self.blanks()
        if self.text[self.at : self.at + 1] not in {":", ")"}:
            users = self.members()
        if self.sign(":"):
            self.blanks()
            if users or self.text[self.at : self.at + 1] != ")":
                groups = self.members()
        self.expect(")")
        if any(group.lstrip("!").startswith(("%", "+")) for group in groups):
            raise RefusedError("not a list of groups")
        return (users, groups) if users or groups else (("",), ())  # nobody else: the user himself

    def take_tags(self) -> None:
        """Tags come in pairs, and the last of a pair counts."""
        while True:
            self.blanks()
            tag = _TAG.match(self.text, self.at)
            if tag is None or tag[1] not in TAGS:
                return
            self.at = tag.end()
            self.tags[tag[1].removeprefix("NO")] = tag[1]

    def command(self) -> str:
        """A program with its arguments, an alias, ALL or sudoedit."""
        while self.take(_DIGEST):
            pass
        self.blanks()
        begin = self.at
        if self.text.startswith("^", begin):
            raise RefusedError("a regular expression instead of a command")
        while self.at < len(self.text) and self.text[self.at] not in ",:#":
            self.at += 2 if self.text[self.at] == "\\" else 1
        written = _PROGRAM_END.sub(r"\1 ", self.text[begin : self.at].strip())
        program = written.split(maxsplit=1)[0] if written else ""
        known = program in {"sudoedit", "list"} or program.startswith(("/", "~"))
        if not known and not (_ALIAS.fullmatch(program) and program == written):
            raise RefusedError("no command")
        words = [re.sub(r"\\([,:=\\#])", r"\1", word) for word in written.split()]
        return " ".join(words)
