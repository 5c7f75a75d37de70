"""build, run for real, without a network: with the backend that is installed here."""

from __future__ import annotations

from pathlib import Path

import pytest

from trustpub.errors import BadInput, Broken
from trustpub.parties.clients.build import Build, distributions
from trustpub.parties.clients.distribution import read_distribution

PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "Tiny.Demo"
version = "1.2"
requires-python = ">=3.9"
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package that hatchling builds."""
    (tmp_path / "tiny_demo").mkdir()
    (tmp_path / "tiny_demo" / "__init__.py").write_text("")
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    return tmp_path


def test_builds_a_wheel_and_an_sdist(package: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Wheel first, as clients send them; both know whose they are."""
    built = Build().build(package, tmp_path_factory.mktemp("dist"), isolated=False)
    assert [path.name for path in built] == ["tiny_demo-1.2-py3-none-any.whl", "tiny_demo-1.2.tar.gz"]
    found = [read_distribution(path) for path in built]
    assert [(dist.project, dist.name, dist.version, dist.filetype) for dist in found] == [
        ("tiny-demo", "Tiny.Demo", "1.2", "bdist_wheel"),
        ("tiny-demo", "Tiny.Demo", "1.2", "sdist"),
    ]


def test_a_build_that_fails_shows_its_own_output(package: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """One line of ours, then the end of what the build printed."""
    (package / "pyproject.toml").write_text(PROJECT.replace('version = "1.2"', ""))
    with pytest.raises(Broken) as caught:
        Build().build(package, tmp_path_factory.mktemp("dist"), isolated=False)
    assert caught.value.what == f"build fails: `{package.name}` (exit status 1)"
    assert "version" in caught.value.detail
    assert caught.value.exit_status == 2


@pytest.mark.usefixtures("only_long")
def test_a_module_in_the_checkout_is_not_taken_for_build(package: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A `build.py` beside the package must not run instead of the program."""
    (package / "build.py").write_text("raise SystemExit('the wrong one')")
    assert len(Build().build(package, tmp_path_factory.mktemp("dist"), isolated=False)) == 2


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("demo.whl", "Invalid wheel filename"),
        ("demo-1.0-py3-none-any.whl", "File is not a zip file"),
        ("demo-1.0.tar.gz", "not a gzip file"),
        ("demo.tar.gz", "Invalid sdist filename"),
    ],
)
def test_what_is_no_distribution_is_named(tmp_path: Path, name: str, why: str) -> None:
    """The file and the reason, in one line."""
    (tmp_path / name).write_bytes(b"nothing of the kind")
    (found,) = distributions(tmp_path)
    with pytest.raises(BadInput) as caught:
        read_distribution(found)
    assert caught.value.what == f"not a distribution: `{name}`"
    assert why in caught.value.why
