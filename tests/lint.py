"""Refuse what may stand in no file of the project: registry hosts, and paths of somebody's machine.

An address of an index comes from where the user's own tools keep it; a path of a machine is true on that machine only.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOSTS = re.compile(r"\b(?:pypi|pythonhosted|npmjs|debian)\.(?:org|com|net|io)\b", re.IGNORECASE)
PATHS = re.compile(r"(?<![\w.}>)\]-])/(?:work|farm|root|home|Users)/[\w.-]+")
MAX_LINES = 500
MAX_FUNCTION = 50


def tracked() -> list[Path]:
    """Every file that git tracks or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


def problems(path: Path) -> list[str]:
    """What one file names that it may not, and whether it has grown too long."""
    try:
        text = path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
        return []
    lines = text.splitlines()
    found = [
        f"{path.relative_to(ROOT)}:{number}: {what}: `{match.group()}`"
        for number, line in enumerate(lines, 1)
        for what, pattern in (("names a registry host", HOSTS), ("names a path of a machine", PATHS))
        if (match := pattern.search(line))
    ]
    if path.suffix == ".py" and len(lines) > MAX_LINES:
        found.append(f"{path.relative_to(ROOT)}: {len(lines)} lines; a file stops at {MAX_LINES}")
    return found + long_functions(path, text)


def long_functions(path: Path, text: str) -> list[str]:
    """Functions that have outgrown one look."""
    if path.suffix != ".py" and path.name != "x":
        return []
    import ast

    return [
        f"{path.relative_to(ROOT)}:{node.lineno}: `{node.name}` has {length} lines; a function stops at {MAX_FUNCTION}"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > MAX_FUNCTION
    ]


def main() -> int:
    """Print every problem and say by the exit status whether there was one."""
    found = [problem for path in tracked() for problem in problems(path)]
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
