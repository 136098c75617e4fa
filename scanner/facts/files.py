"""Facts about who may change the files that decide over access."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.facts.value import Fact

if TYPE_CHECKING:
    from scanner.model import Citation


@dataclass(frozen=True, slots=True)
class FileAccess:
    """Owner and permission bits of one file or folder; a folder's path ends in a slash."""

    path: str
    mode: int
    uid: int
    gid: int
    at: Citation

    @property
    def folder(self) -> bool:
        """Whether it is a folder."""
        return self.path.endswith("/")


@dataclass(frozen=True, slots=True)
class ProtectedFiles(Fact):
    """Files that decide over accounts, rights and logins, as far as they exist."""

    files: tuple[FileAccess, ...]

    def get(self, path: str) -> FileAccess | None:
        """The file called ``path``, None where there is none."""
        return next((file for file in self.files if file.path == path), None)


@dataclass(frozen=True, slots=True)
class RestrictedFiles(Fact):
    """Configuration of audit, sudo and SSH in folders that not everybody may list, as far as it exists."""

    files: tuple[FileAccess, ...]

    def under(self, folder: str) -> tuple[FileAccess, ...]:
        """All that lies under ``folder``, which ends in a slash, and the folder itself."""
        return tuple(file for file in self.files if file.path.startswith(folder))


@dataclass(frozen=True, slots=True)
class HomeFolders(Fact):
    """Users' folders under /home."""

    folders: tuple[FileAccess, ...]


@dataclass(frozen=True, slots=True)
class FileTrace:
    """A file of which only its being there is known."""

    path: str
    at: Citation


@dataclass(frozen=True, slots=True)
class TrustFiles(Fact):
    """Files by which a host trusts other hosts' users without a password: .rhosts, hosts.equiv and the like.

    Looked for in /etc, in root's folder and in those under /home.
    """

    files: tuple[FileTrace, ...]
