"""What is shown of a file hides what looks like a secret, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustpub.workflows.secrecy import hidden


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("          password: hunter2hunter2", "hunter2hunter2"),
        ('  TWINE_PASSWORD: "hunter2hunter2"', "hunter2hunter2"),
        ("export TWINE_PASSWORD=hunter2hunter2", "hunter2hunter2"),
        ("- run: twine upload -u hana -p hunter2hunter2 dist/*", "hunter2hunter2"),
        ("uv publish --token pypi-AgEIcHlwaS5vcmcCJGNhbmFyeQ", "AgEIcHlwaS5vcmcCJGNhbmFyeQ"),
        ("poetry config pypi-token.pypi pypi-AgEIcHlwaS5vcmcCJGNhbmFyeQ", "AgEIcHlwaS5vcmcCJGNhbmFyeQ"),
        ("git clone https://hana:hunter2@git.example/x", "hunter2"),
        ("say ghp_0123456789012345678901234567890123456", "0123456789012345678901234567890123456"),
        ("x: eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln", "hbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln"),
    ],
)
def test_a_secret_becomes_stars(line: str, secret: str) -> None:
    """As many as it has characters."""
    assert line.replace(secret, "*" * len(secret)) == hidden(line)


@pytest.mark.parametrize(
    "line",
    [
        "          password: ${{ secrets.PYPI_API_TOKEN }}",
        "      id-token: write",
        '  TWINE_PASSWORD: "$TOKEN"',
        "      - run: mkdir -p build/packages",
        "      - uses: pypa/gh-action-pypi-publish@release/v1",
        "      - run: twine upload --repository testpypi dist/*",
        "    environment: pypi-release",
        "      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1",
        "        url: https://git.example/a/b@c",
        "permissions: {id-token: write, contents: read}",
    ],
)
def test_what_is_no_secret_stays(line: str) -> None:
    """References to secrets, permissions, names and versions are what a report is about."""
    assert line == hidden(line)


@given(st.text())
def test_the_length_stays(text: str) -> None:
    """Columns are counted in the file."""
    assert len(text) == len(hidden(text))
