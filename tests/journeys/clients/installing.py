"""How each client is told to install a package from this index and from nowhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from tests.journeys.clients.publishing import FETCHED, OWN, Call


def pip(folder: Path, simple: str, project: str) -> tuple[list[Call], Path]:
    """Into a folder."""
    command = [sys.executable, "-m", "pip", "install", "--no-cache-dir", "--disable-pip-version-check", "--index-url", simple]
    return [Call([*command, "--target", str(folder / "site"), project], {})], folder / "site"


def uv(folder: Path, simple: str, project: str) -> tuple[list[Call], Path]:
    """Into a folder."""
    command = [str(OWN / "uv"), "pip", "install", "--no-cache", "--python", sys.executable, "--index-url", simple]
    return [Call([*command, "--target", str(folder / "site"), project], {})], folder / "site"


def poetry(folder: Path, simple: str, project: str) -> tuple[list[Call], Path]:
    """Into the environment of a project whose only source this is; its lock holds the hashes."""
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11,<4"\n'
        f'dependencies = ["{project}"]\n[tool.poetry]\npackage-mode = false\n'
        f'[[tool.poetry.source]]\nname = "own"\nurl = "{simple}"\npriority = "primary"\n'
    )
    program, own = str(FETCHED / "poetry"), {"POETRY_VIRTUALENVS_IN_PROJECT": "true"}
    return [Call([program, "install", "--no-interaction"], own)], folder / ".venv"


def pdm(folder: Path, simple: str, project: str) -> tuple[list[Call], Path]:
    """Into the environment of a project whose only source this is; its lock holds the hashes."""
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11"\n'
        f'dependencies = ["{project}"]\n[tool.pdm]\ndistribution = false\n'
        f'[[tool.pdm.source]]\nname = "pypi"\nurl = "{simple}"\nverify_ssl = true\n'
    )
    return [Call([str(FETCHED / "pdm"), "install", "--no-self"], {"PDM_CHECK_UPDATE": "0"})], folder / ".venv"


CLIENTS: dict[str, Callable[[Path, str, str], tuple[list[Call], Path]]] = {"pip": pip, "uv": uv, "poetry": poetry, "pdm": pdm}
