"""The wheel and the sdist, built as a release would be and tried outside the source tree."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

import pytest

from scanner.cli import COMMANDS, EXIT_FINDINGS, EXIT_INPUT, EXIT_OK
from scanner.profile import packaged
from tests.cli.recorded import made_up_tree

ROOT = Path(__file__).parents[2]
SHIPPED = {"scanner", "collectors", "control_profiles"}


def run(*command: str | Path, cwd: Path, code: int = EXIT_OK) -> str:
    """Run a command with nothing of this test's environment; return its standard output."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "LC_", "LANG", "COV"))}
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        check=False,
        cwd=cwd,
        env={**kept, "LANG": "C.UTF-8"},
    )
    assert done.returncode == code, done.stdout.decode() + done.stderr.decode()
    return done.stdout.decode()


def built(source: Path, target: str, to: Path) -> Path:
    """Build one target of the project in ``source`` without asking any registry."""
    run(sys.executable, "-m", "hatchling", "build", "-t", target, "-d", to, cwd=source)
    (made,) = to.iterdir()
    return made


def contents(wheel: Path) -> dict[str, bytes]:
    """Files of a wheel that its packages hold; without the metadata."""
    with zipfile.ZipFile(wheel) as archive:
        return {n: archive.read(n) for n in archive.namelist() if ".dist-info/" not in n}


@dataclass(frozen=True)
class Installed:
    """The wheel in an environment of its own, and a folder to work in."""

    command: Path
    folder: Path


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as it stands now: what is built twice must not change in between."""
    folder = tmp_path_factory.mktemp("source") / "project"
    left_out = shutil.ignore_patterns(
        ".git", ".venv", ".*_cache", ".hypothesis", "__pycache__", "dist", "state"
    )
    return shutil.copytree(ROOT, folder, ignore=left_out)


@pytest.fixture(scope="session")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(source, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def sdist(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(source, "sdist", tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """A fresh environment. Dependencies come from this one by a path file, which does not follow editable
    installs, so that the packages under test can only be those of the wheel."""
    folder = tmp_path_factory.mktemp("installed")
    home = folder / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", home, cwd=folder)
    python = home / "bin" / "python"
    run(
        *(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index", "--no-deps"),
        wheel,
        cwd=folder,
    )
    packages = Path(
        run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    )
    (packages / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    work = folder / "work"
    work.mkdir()
    return Installed(home / "bin" / "mlps-posture", work)


def test_the_wheel_holds_the_packages_and_their_data_only(source: Path, wheel: Path) -> None:
    names = contents(wheel)
    assert {name.split("/")[0] for name in names} == SHIPPED
    in_tree = {
        path.relative_to(source).as_posix()
        for package in SHIPPED
        for path in (source / package).rglob("*")
        if path.is_file()
    }
    assert set(names) == in_tree
    assert {f"control_profiles/{name}" for name in packaged()} <= set(names)


def test_the_wheel_says_what_it_needs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = [n for n in archive.namelist() if n.endswith("/METADATA")]
        said = archive.read(metadata).decode()
    assert "Name: mlps-posture\n" in said
    assert "Requires-Python: >=3.11\n" in said
    for requirement in distribution("mlps-posture").requires or []:
        assert f"Requires-Dist: {requirement}\n" in said
    assert "# mlps-posture" in said, "the description is the README"


def test_the_sdist_builds_itself_again(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = archive.getnames()
        # Python 3.11 before .4 has no filters, 3.14 insists on one; ours is our own file.
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        archive.extractall(tmp_path)
    (unpacked,) = tmp_path.iterdir()
    assert {f"{unpacked.name}/{n}" for n in ("README.md", "Makefile", "tests/test_architecture.py")} <= set(
        names
    )
    assert not [
        n for n in names if "/.git/" in n or "/.venv/" in n or "__pycache__" in n or n.endswith(".run")
    ]
    assert contents(built(unpacked, "wheel", tmp_path / "again")) == contents(wheel)
    with tarfile.open(built(unpacked, "sdist", tmp_path / "sdist")) as archive:
        assert sorted(archive.getnames()) == sorted(names)


def test_building_twice_gives_the_same_bytes(source: Path, wheel: Path, tmp_path: Path) -> None:
    assert built(source, "wheel", tmp_path / "again").read_bytes() == wheel.read_bytes()


def test_installed_it_helps(installed: Installed) -> None:
    out = run(installed.command, "--help", cwd=installed.folder)
    assert all(f"  {name} " in out for name, _, _ in COMMANDS)
    for name, _, _ in COMMANDS:
        assert f"mlps-posture {name}" in run(installed.command, name, "--help", cwd=installed.folder)


def test_installed_it_works(installed: Installed) -> None:
    folder = installed.folder
    plan = run(installed.command, "scan", "localhost", "--plan", cwd=folder)
    assert "sshd -T" in plan
    assert not list(folder.glob("*.run"))
    assert json.loads(run(installed.command, "schema", cwd=folder))["title"] == "InventoryFile"
    assert "NOPASSWD" in run(installed.command, "sudoers", "--user", "audit", cwd=folder)
    tree = made_up_tree(folder / "tree")
    scan = ("scan", "--tree", tree, "-o", "tree.run", "--fail-on", "medium")
    assert "sshd.root-login-refused" in run(installed.command, *scan, cwd=folder, code=EXIT_FINDINGS)
    report = json.loads(run(installed.command, "report", "tree.run", cwd=folder))
    assert report["systems"][0]["steps"]["scan"] > 0
    assert run(installed.command, "verify", "tree.run", cwd=folder)


def test_folders_of_the_same_names_are_not_picked_up(installed: Installed, tmp_path: Path) -> None:
    for name in SHIPPED:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('picked up')\n", encoding="utf-8")
    assert "Usage" in run(installed.command, "--lang", "en", "--help", cwd=tmp_path)
    tree = made_up_tree(tmp_path / "tree")
    scan = ("-q", "scan", "--tree", tree, "-o", "tree.run", "--fail-on", "medium")
    assert "sshd.root-login-refused" in run(installed.command, *scan, cwd=tmp_path, code=EXIT_FINDINGS)


def test_parts_from_different_folders_do_not_judge(installed: Installed, tmp_path: Path) -> None:
    """Somebody's ``control_profiles`` stands first in the search path: refused, not trusted."""
    (tmp_path / "control_profiles").mkdir()
    (tmp_path / "control_profiles" / "__init__.py").write_text("", encoding="utf-8")
    python = installed.command.with_name("python")
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from scanner.cli import main; main()"
    run(python, "-c", program, "scan", "localhost", "--plan", cwd=installed.folder, code=EXIT_INPUT)
