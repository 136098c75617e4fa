"""What the start-up files of an interactive login bash do to one variable, and to the mask of new files.

Commands are followed in the order in which bash runs them, through the files that they read. Conditions
have three values: what cannot be known leaves the variable uncertain, unless it is readonly by then.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from collectors.platforms.linux.inclusion import MOST_LINES
from collectors.platforms.linux.shell_conditions import NAME, truth
from collectors.platforms.linux.shell_variable import Masks, Truth, Variable, both, either, negation
from collectors.platforms.linux.shell_words import ShellTextError, Token, literal, tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collectors.evidence import Document
    from scanner.model import Citation

_OWN = re.compile(r"[\"']?(?:\$HOME|\$\{HOME\}|~)/")
"""A user's own files: what they do is the user's doing."""

_PACKAGED = (
    "/usr/share/",
    "/usr/lib/",
    "/usr/libexec/",
    "/etc/locale.conf",
    "/etc/default/locale",
    "/etc/sysconfig/i18n",
    "/etc/bash_completion",
    "/etc/os-release",
)
"""Code and language settings that distributions ship: no session policy stands there."""

_PACKAGED_EVAL = re.compile(r"dircolors|lesspipe|lessfile|locale-check|SHELL=/bin/sh|module(?:cmd|s)")

_MOST_READ = 200
"""Files that one login may read; more is a circle."""

_OPENING = frozenset("if while until for select case { function".split())

_READING = frozenset("[ [[ test echo logger".split())


@dataclass(slots=True)
class _Frame:
    """A compound command; ``runs`` is whether the commands inside it run now."""

    kind: str  # if, loop, case, group, subshell, function
    before: Truth  # whether the compound command itself runs
    runs: Truth
    taken: Truth = False  # whether an earlier branch has run
    subject: str = ""
    pattern: bool = False  # inside a case, before the closing parenthesis of a pattern
    opened: bool = False  # of a function: its body has begun
    otherwise: bool = False  # of an if: it has an else
    entered: Truth = True  # whether it runs where what surrounds it does
    commands: int = 0  # in the current part: bash refuses an empty one
    files: bool = False  # of a loop: it reads the files of /etc/profile.d, which were followed already


@dataclass(slots=True)
class Startup:
    """One login: the files by path, those known not to exist, and the variable as it stands."""

    documents: Mapping[str, Document]
    absent: frozenset[str] = frozenset()
    variable: Variable = field(default_factory=Variable)
    masks: Masks = field(default_factory=Masks)
    read: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    lines: int = 0  # read so far

    def mistrust(self, at: Citation, runs: Truth) -> None:
        """Take a command that may do anything."""
        self.variable.mistrust(at, runs)
        self.masks.mistrust(at, runs)

    def give_up(self, at: Citation, runs: Truth) -> None:
        """Take a mistake in the text: which of its commands ran is not known."""
        self.variable.give_up(at, runs)
        self.masks.give_up(at, runs)

    def run(self, path: str, runs: Truth = True) -> None:
        """Follow one file; to read itself, or each other without end, is a mistake."""
        document = self.documents[path]
        self.lines += len(document.lines)
        if path in self.open or len(self.read) >= _MOST_READ or self.lines > MOST_LINES:
            self.give_up(document.whole, runs)
            return
        self.read.append(path)
        try:
            words = tokens(document.text)
        except ShellTextError as error:
            self.give_up(document.cite(error.line), runs)
            return
        self.open.append(path)
        _File(self, document, words, runs).follow()
        self.open.pop()


class _File:
    """One file being followed."""

    def __init__(self, startup: Startup, document: Document, words: list[Token], runs: Truth) -> None:
        self.startup = startup
        self.document = document
        self.words = words
        self.runs: Truth = runs
        self.frames: list[_Frame] = []
        self.status: Truth = True  # of the last command
        self.next_runs: Truth = True  # by && and ||
        self.command: list[Token] = []
        self.negated = False
        self.piped = False

    # --- cutting into commands

    def follow(self) -> None:
        for token in [*self.words, Token("\n", len(self.document.lines), operator=True)]:
            if self.frames and self.frames[-1].pattern and self._in_pattern(token):
                continue
            if token.operator:
                self._operator(token)
            elif self.command or not self._reserved(token):
                self.command.append(token)
                if token.text == "in" and len(self.command) == 3 and self.command[0].text == "case":
                    self._end_command()
        if self.frames:
            self._doubt(len(self.document.lines))

    def _operator(self, token: Token) -> None:
        text = token.text
        if text == "(" and len(self.command) == 1 and self.command[0].text not in _OPENING:  # name()
            self._open("function", runs=False)
            self.command = []
            return
        if text == ")" and self.frames and self.frames[-1].kind == "function" and not self.command:
            return
        self.piped = self.piped or text in {"|", "|&"}
        self._end_command()
        if text in {"&&", "||"}:
            self.next_runs = self.status if text == "&&" else negation(self.status)
            return
        self.next_runs = True
        self.piped = text in {"|", "|&"}
        if text == "(":
            self._open("subshell", runs=False)
        elif text == ")":
            self._close("subshell", token)
        elif text in {";;", ";&", ";;&"} and self.frames and self.frames[-1].kind == "case":
            self.frames[-1].pattern = True

    def _reserved(self, token: Token) -> bool:
        """Take a reserved word in command position; False for any other word."""
        text = token.text
        if text in _OPENING:
            self._count()
            self._begin(text, token)
        elif text in {"then", "elif", "else"}:
            self._end_part(token)
            self._branch(text, token)
        elif text == "do":
            if self.frames and self.frames[-1].kind == "loop":
                self.frames[-1].commands = 0
                self.frames[-1].runs = both(self.frames[-1].before, False if self.frames[-1].files else None)
        elif text in {"fi", "done", "esac", "}"}:
            self._close({"fi": "if", "done": "loop", "esac": "case", "}": "group"}[text], token)
        elif text == "!":
            self.negated = not self.negated
        else:
            return False
        return True

    def _count(self) -> None:
        if self.frames:
            self.frames[-1].commands += 1

    def _end_part(self, token: Token) -> None:
        """End a condition or a body; an empty one is a mistake for which bash drops the whole command."""
        if self.frames and self.frames[-1].kind != "case":
            if not self.frames[-1].commands:
                self._doubt(token.line)
            self.frames[-1].commands = 0

    def _begin(self, text: str, token: Token) -> None:
        if text == "if":
            self._open("if", runs=True)
            self.startup.masks.open()
        elif text in {"while", "until"}:
            self._open("loop", runs=True)
        elif text in {"for", "select", "case", "function"}:
            self.command = [token]
        else:
            frame = self.frames[-1] if self.frames else None
            if frame is not None and frame.kind == "function" and not frame.opened:
                frame.opened = True
            else:
                self._open("group", runs=True)

    def _open(self, kind: str, *, runs: Truth) -> None:
        here = self._here()
        self.frames.append(_Frame(kind, here, both(here, runs), entered=self.next_runs))
        self.next_runs = True

    def _close(self, kind: str, token: Token) -> None:
        frame = self.frames[-1] if self.frames else None
        if frame is not None and kind == "group" and frame.kind == "function":
            kind = "function"
        if frame is None or frame.kind != kind:
            self._doubt(token.line)
            return
        self._end_part(token)
        if kind == "if":
            complete = frame.entered is True and (frame.otherwise or frame.taken is True)
            self.startup.masks.close(frame.runs, complete=complete)
        self.frames.pop()
        self.status, self.next_runs = None, True

    def _branch(self, text: str, token: Token) -> None:
        frame = self.frames[-1] if self.frames else None
        if frame is None or frame.kind != "if":
            self._doubt(token.line)
        elif text == "then":
            self.startup.masks.branch(frame.runs, body=True)
            frame.runs = both(frame.before, both(negation(frame.taken), self.status))
            frame.taken = either(frame.taken, self.status)
        else:  # elif: its condition runs where no branch has; else: so does its body
            self.startup.masks.branch(frame.runs, body=text == "else")
            frame.otherwise = text == "else"
            frame.runs = both(frame.before, negation(frame.taken))
        self.next_runs = True

    def _in_pattern(self, token: Token) -> bool:
        """Take a token before a case's commands; False where it is the end of the case."""
        frame = self.frames[-1]
        if token.operator and token.text == ")":
            matches: Truth = None
            if frame.subject.strip('"') == "$-":  # bash's option letters: i = interactive
                matches = any("i" in word.text or word.text == "*" for word in self.command)
            frame.runs = both(frame.before, both(negation(frame.taken), matches))
            frame.taken = either(frame.taken, matches)
            frame.pattern, self.command, self.next_runs = False, [], True
        elif not token.operator and token.text == "esac" and not self.command:
            return False
        elif not token.operator:
            self.command.append(token)
        return True

    # --- running commands

    def _here(self) -> Truth:
        outer = self.frames[-1].runs if self.frames else True
        return both(both(self.runs, outer), self.next_runs)

    def _doubt(self, line: int) -> None:
        """Give up on the file's structure from here on."""
        self.startup.give_up(self.document.cite(line), self.runs)

    def _end_command(self) -> None:
        words, self.command = self.command, []
        negated, self.negated = self.negated, False
        if not words:
            return
        self._count()
        if words[0].text in {"for", "select", "case", "function"}:
            self._compound(words)
            return
        runs = None if self.piped and self._here() else self._here()
        status = self._simple(words, runs)
        if negated:
            status = negation(status)
        if self.next_runs is True:
            self.status = status
        elif self.next_runs is None and status != self.status:
            self.status = None

    def _compound(self, words: list[Token]) -> None:
        first = words[0].text
        if first == "case":
            self._open("case", runs=None)
            self.frames[-1].subject = words[1].text if len(words) > 1 else ""
            self.frames[-1].pattern = True
            return
        if first == "function":
            self._open("function", runs=False)
            self.frames[-1].opened = words[-1].text == "{"
            return
        here = self._here()
        if len(words) > 1 and words[1].text == NAME:
            self.startup.variable.assign(None, self.document.cite(words[0].line), here)
        listed = [path for word in words[3:] for path in self._profile_files(word, here)]
        self._open("loop", runs=True)
        self.frames[-1].files = any("/etc/profile.d" in word.text for word in words[3:])
        for path in listed:
            self.startup.run(path, here)

    def _profile_files(self, word: Token, here: Truth) -> list[str]:
        """Files of /etc/profile.d that a word of a ``for`` stands for, in the shell's order."""
        documents = sorted(p for p in self.startup.documents if p.startswith("/etc/profile.d/"))
        if "run-parts" in word.text and "/etc/profile.d" in word.text:
            return [
                p for p in documents if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*\.sh", p.rpartition("/")[2])
            ]
        pattern = word.text.strip("\"'")
        if not pattern.startswith("/etc/profile.d/"):
            if "/etc/profile.d" in pattern:
                self.startup.mistrust(self.document.cite(word.line), here)
            return []
        if not pattern.endswith((".sh", "/sh.local")):
            self.startup.mistrust(self.document.cite(word.line), here)
        return [path for path in documents if fnmatchcase(path, pattern)]

    def _simple(self, words: list[Token], runs: Truth) -> Truth:
        """Run one simple command; return its status as far as it is known."""
        line = words[0].line
        assigned = 0
        while assigned < len(words) and re.match(r"[A-Za-z_]\w*\+?=", words[assigned].text):
            assigned += 1
        if assigned == len(words):
            for word in words:
                self._assignment(word.text, line, runs)
            return True
        name, rest = words[assigned].text, [word.text for word in words[assigned + 1 :]]
        self._effects(name, rest, line, runs)
        return truth(name, rest, self.startup.documents, self.startup.variable)

    def _effects(self, name: str, rest: list[str], line: int, runs: Truth) -> None:
        variable, at = self.startup.variable, self.document.cite(line)
        if any(re.search(r"\$\{TMOUT:?=", word) for word in (name, *rest)):
            variable.assign(None, at, runs)
        if name in {"export", "readonly", "declare", "typeset"}:
            self._declaration(name, rest, line, runs)
        elif name == "unset" and NAME in rest:
            variable.clear(at, runs)
        elif name in {".", "source"}:
            self._source(rest, line, runs)
        elif name in {"return", "exit"}:
            if not any(frame.kind in {"function", "subshell"} for frame in self.frames):
                self.runs = both(self.runs, negation(runs))
        elif name == "umask":
            self._mask(rest, line)
        elif name == "eval" and not _PACKAGED_EVAL.search(" ".join(rest)):
            self.startup.mistrust(at, runs)
        elif name not in _READING and any(re.search(r"(?<![\w${#!])TMOUT(?!\w)", word) for word in rest):
            variable.mistrust(at, runs)

    def _mask(self, rest: list[str], line: int) -> None:
        """Take a ``umask``; without a mask it only prints the one in force."""
        given = [literal(word) for word in rest if not word.startswith("-")]
        if not given:
            return
        runs = both(self.runs, None if self.piped else self.next_runs)
        for frame in self.frames:
            if frame.kind == "if":  # what each branch does is joined where it ends
                runs = both(runs, frame.runs is not False)
            elif frame.kind == "group":
                runs = both(runs, frame.entered)
            else:
                runs = both(runs, False if frame.kind == "subshell" else None)
        octal = given[0] is not None and re.fullmatch(r"[0-7]{1,4}", given[0])
        mask = int(given[0] or "0", 8) if octal else None
        self.startup.masks.set(mask, self.document.cite(line), runs)

    def _assignment(self, word: str, line: int, runs: Truth) -> None:
        match = re.fullmatch(r"TMOUT(\+?)=(.*)", word, re.DOTALL)
        if match is None:
            return
        if any(frame.kind == "function" for frame in self.frames):
            runs = None  # nobody knows whether the function is called
        text = literal(match[2])
        seconds = None
        if text is not None and not match[1] and re.fullmatch(r"[0-9]{0,9}", text):
            seconds = int(text or "0")
        self.startup.variable.assign(seconds, self.document.cite(line), runs)

    def _declaration(self, name: str, rest: list[str], line: int, runs: Truth) -> None:
        options = "".join(word for word in rest if word.startswith("-"))
        named = [word for word in rest if re.match(r"TMOUT(\+?=|$)", word)]
        for word in named:
            if "=" in word:
                self._assignment(word, line, runs)
            if name == "readonly" or "r" in options:
                self.startup.variable.protect(self.document.cite(line), runs)

    def _source(self, rest: list[str], line: int, runs: Truth) -> None:
        path = literal(rest[0]) if rest else ""
        if path and path in self.startup.documents:
            self.startup.run(path, runs)
        elif path in self.startup.absent:
            return
        elif rest and not _OWN.match(rest[0]) and not (path or "").startswith(_PACKAGED):
            self.startup.mistrust(self.document.cite(line), runs)
