"""Checkouts to check, made from words: the same on every machine, and like what people have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

SYSTEMS = ("ubuntu-latest", "ubuntu-24.04", "macos-14", "windows-latest")
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
PROJECT = '[project]\nname = "tool-{number}"\nversion = "1.{number}.0"\n\n[build-system]\nrequires = ["hatchling"]\n'
SHA = "08eba0b27e820071cde6df949e0beb9ba4906955"

HEAD = """\
name: {name}

on:
  push:
    branches: [main, 'release/**']
    tags: ['v*']
    paths-ignore: ['docs/**', '*.md']
  pull_request:
    branches: [main]
  workflow_dispatch:
    inputs:
      level:
        description: How much to say
        type: choice
        options: [info, debug]
        default: info

concurrency:
  group: ${{{{ github.workflow }}}}-${{{{ github.ref }}}}
  cancel-in-progress: ${{{{ github.event_name == 'pull_request' }}}}

permissions:
  contents: read

env:
  FORCE_COLOR: "1"
  LEVEL: ${{{{ inputs.level || 'info' }}}}

jobs:
"""

TEST = """\
  {job}:
    # One leg for each system and Python.
    name: Test on ${{{{ matrix.os }}}} with ${{{{ matrix.python }}}}
    runs-on: ${{{{ matrix.os }}}}
    timeout-minutes: 20
    strategy:
      fail-fast: false
      matrix:
        os: [{systems}]
        python: [{pythons}]
        exclude:
          - {{os: windows-latest, python: "3.10"}}
    steps:
      - uses: actions/checkout@{sha} # v5
        with:
          persist-credentials: false
      - name: Set up Python
        uses: actions/setup-python@{sha}
        with:
          python-version: ${{{{ matrix.python }}}}
          cache: pip
      - run: |
          python -m pip install --upgrade pip
          python -m pip install -e '.[test]'
      - name: Test
        if: ${{{{ !cancelled() && matrix.python != '3.10' }}}}
        run: python -m pytest --cov --cov-report=xml -ra
        env:
          PYTEST_ADDOPTS: ${{{{ runner.os == 'Windows' && '-n 2' || '-n auto' }}}}
      - uses: codecov/codecov-action@v5
        if: success() && github.repository == 'acme/tool'
        with:
          files: coverage.xml
"""

LINT = """\
  {job}:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-python@v6
        with: {{python-version: "3.13"}}
      - run: pipx run pre-commit run --all-files --show-diff-on-failure
      - run: >-
          python -m mypy --strict
          src tests
"""

RELEASE = """\
  build-{job}:
    runs-on: ubuntu-latest
    outputs:
      version: ${{{{ steps.version.outputs.version }}}}
    steps:
      - uses: actions/checkout@{sha}
        with: {{persist-credentials: false, fetch-depth: 0}}
      - id: version
        run: echo "version=${{GITHUB_REF_NAME#v}}" >> "$GITHUB_OUTPUT"
      - run: pipx run build
      - uses: actions/upload-artifact@v4
        with: {{name: dist-{job}, path: dist/}}
  publish-{job}:
    needs: [build-{job}]
    if: github.event_name == 'push' && startsWith(github.ref, 'refs/tags/v')
    runs-on: ubuntu-latest
    environment:
      name: pypi
      url: https://example.org/p/tool
    permissions:
      id-token: write
    steps:
      - uses: actions/download-artifact@v4
        with: {{name: dist-{job}, path: dist/}}
      - uses: pypa/gh-action-pypi-publish@release/v1
"""

TOKEN = """\
  upload-{job}:
    runs-on: ubuntu-latest
    if: github.ref_type == 'tag'
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: {{python-version: "3.12"}}
      - run: |
          pip install build twine
          python -m build
          twine upload --non-interactive dist/*
        env:
          TWINE_USERNAME: __token__
          TWINE_PASSWORD: ${{{{ secrets.PYPI_TOKEN }}}}
"""

DOCS = """\
  {job}:
    runs-on: ubuntu-latest
    needs: []
    permissions:
      contents: read
      pages: write
    steps:
      - uses: actions/checkout@v5
      - run: |
          pip install -r docs/requirements.txt
          sphinx-build -W -b html docs build/html
      - uses: actions/upload-pages-artifact@v3
        with:
          path: build/html
"""

KINDS = ((TEST, LINT), (LINT, DOCS, TEST), (TEST, DOCS), (TEST, TEST, LINT), (TEST, LINT, DOCS))
ORDINARY = (
    (TEST, TEST, LINT),
    (LINT, DOCS, TEST),
    (LINT, TEST, RELEASE),
    (TEST, DOCS, TEST),
    (TEST, LINT, TEST),
    (DOCS, LINT, TEST),
)


def workflow(name: str, parts: tuple[str, ...], number: int) -> str:
    """Write one workflow of these jobs."""
    systems = ", ".join(SYSTEMS[number % 3 :])
    pythons = ", ".join(f'"{version}"' for version in PYTHONS[number % 4 :])
    jobs = (
        part.format(job=f"job-{number}-{place}", systems=systems, pythons=pythons, sha=SHA) for place, part in enumerate(parts)
    )
    return HEAD.format(name=name) + "".join(jobs)


def _write(root: Path, files: Iterator[tuple[str, str]]) -> int:
    """Write a checkout; the bytes of its workflows."""
    folder = root / ".github" / "workflows"
    folder.mkdir(parents=True)
    (root / ".git").mkdir()
    (root / ".git" / "config").write_text('[remote "origin"]\n\turl = https://github.com/acme/tool.git\n')
    (root / "pyproject.toml").write_text(PROJECT.format(number=1))
    return sum((folder / name).write_text(text) for name, text in files)


def ordinary(root: Path) -> int:
    """Write a repository of six workflows: tests, lint, documents, and a release to PyPI."""
    names = ("ci", "lint", "release", "nightly", "compat", "docs")
    return _write(root, ((f"{name}.yml", workflow(name, ORDINARY[place], place)) for place, name in enumerate(names)))


def many(root: Path, count: int) -> int:
    """Write a repository of very many workflows. One in twenty releases a package, every fifth of these with a stored token."""

    def parts(number: int) -> tuple[str, ...]:
        if number % 20:
            return KINDS[number % 5] * 2
        return (TEST, LINT, TEST, TOKEN if number % 100 == 0 else RELEASE)

    return _write(root, ((f"w{number:04}.yml", workflow(f"W{number}", parts(number), number)) for number in range(count)))


def long(root: Path, size: int) -> int:
    """Write a repository of one workflow of about so many bytes, which releases at its end."""

    def text() -> str:
        parts = (TEST, LINT, DOCS, TEST)
        jobs, number = "", 0
        while len(jobs) < size - 3000:
            jobs += workflow("", (parts[number % 4],), number).partition("jobs:\n")[2].replace("-0:", f"-{number}:")
            number += 1
        return HEAD.format(name="Long") + jobs + workflow("", (RELEASE,), number).partition("jobs:\n")[2]

    return _write(root, iter([("long.yml", text())]))
