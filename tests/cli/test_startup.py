"""Start-up is a feature: what a commit hook calls loads nothing that it does not use."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "rich",
    "httpx2",
    "sqlalchemy",
    "starlette",
    "uvicorn",
    "cryptography",
    "distlib",
    "pydantic",
    "alembic",
    "asyncio",
    "ssl",
)
COMFORT = ("click", "dataclasses", "inspect", "platformdirs", "urllib", "pathlib", "textwrap", "difflib", "tempfile", "logging")
"""What makes arguments, classes, paths and paragraphs comfortable, and takes longer to load than a check takes."""
EXAMPLE = Path(__file__).resolve().parent.parent.parent / "examples" / "orchay"

PROBE = """
import json, sys
from trustpub.main.console import command_line
status = command_line(json.loads(sys.argv[1]))
sys.stderr.write(json.dumps([status, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


def loaded_by(*args: str) -> tuple[int, set[str]]:
    """Run the command line in a process of its own; its exit status and the packages it loaded."""
    done = subprocess.run([sys.executable, "-c", PROBE, json.dumps(args)], capture_output=True, text=True, check=True)
    status, names = json.loads(done.stderr.rpartition("[0,")[1] + done.stderr.rpartition("[0,")[2])
    return status, set(names)


@pytest.mark.parametrize(
    "args",
    [("--help",), ("predict", "--help"), ("rehearse", "--help"), ("serve", "--help"), ("predict", str(EXAMPLE))],
    ids=" ".join,
)
def test_loads_nothing_heavy(args: tuple[str, ...]) -> None:
    """None of the heavy packages is loaded by help, nor by a prediction."""
    status, names = loaded_by(*args)

    assert 0 == status
    assert set() == names & set(HEAVY)


@pytest.mark.parametrize("command", ["check", "predict"])
def test_an_ordinary_line_loads_little(command: str) -> None:
    """A check in a commit hook loads neither click nor what makes classes and paths comfortable."""
    status, names = loaded_by(command, *(["--offline"] if command == "check" else []), str(EXAMPLE))

    assert status == 0
    assert set() == names & {*HEAVY, *COMFORT}


def test_version_loads_not_even_click() -> None:
    """`--version` is answered before the command line is imported."""
    _, names = loaded_by("--version")

    assert "click" not in names


WITHOUT = """
import importlib.abc, json, sys
class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("sqlalchemy", "starlette", "uvicorn", "cryptography"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
from trustpub.main.console import command_line
sys.exit(command_line(json.loads(sys.argv[1])))
"""


@pytest.mark.parametrize(
    ("args", "extra"),
    [
        (("serve", "--data", "x"), "server"),
        (("admin", "--data", "x", "user", "add", "hana", "--email", "hana@acme.example"), "server"),
        (("rehearse", str(EXAMPLE)), "rehearse"),
    ],
    ids=["serve", "admin", "rehearse"],
)
def test_a_missing_extra_is_named(tmp_path: Path, args: tuple[str, ...], extra: str) -> None:
    """With the core alone, a command that needs more says which extra brings it: one line, exit 2."""
    command = [sys.executable, "-c", WITHOUT, json.dumps(args)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    assert 2 == done.returncode
    assert 1 == done.stderr.count("\n")
    assert f'pip install "trustpub[{extra}]"' in done.stderr
