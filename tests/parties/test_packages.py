"""The packages of a checkout: where, and what they are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from trustpub.errors import BrokenFile
from trustpub.parties.packages import Package, find_packages, package_at

PROJECT = '[project]\nname = "{name}"\nversion = "2.0"\n'


def put(root: Path, path: str, text: str) -> None:
    """Write one file."""
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


@pytest.mark.parametrize(
    ("files", "package"),
    [
        ({"pyproject.toml": PROJECT.format(name="a")}, Package(".", "a", "2.0")),
        ({"pyproject.toml": '[project]\nname = "a"\ndynamic = ["version"]\n'}, Package(".", "a", None)),
        ({"pyproject.toml": '[tool.poetry]\nname = "a"\nversion = "1"\n'}, Package(".", "a", "1")),
        ({"pyproject.toml": "[build-system]\nrequires = []\n"}, Package(".", None, None)),
        (
            {"pyproject.toml": "[build-system]\n", "setup.cfg": "[metadata]\nname = a-b\n[options]\nname = z\n"},
            Package(".", "a-b", None),
        ),
        ({"setup.py": "from setuptools import setup\nsetup(\n  name='a.b', version='1')\n"}, Package(".", "a.b", None)),
        ({"setup.py": "setup(name=NAME)"}, Package(".", None, None)),
        ({"setup.cfg": "[metadata]\nname = a\n"}, Package(".", "a", None)),
        ({"setup.py": "NAME = 'a_b'  # the name\nsetup(version='1', name=NAME)"}, Package(".", "a_b", None)),
        ({"setup.py": "setup(name='a' + suffix, ext_modules=[Extension(name='b', sources=[])])"}, Package(".", None, None)),
        ({"setup.py": "setup(name=NAME.lower(), version='1')\nNAME = 'a'"}, Package(".", None, None)),
        ({"setup.py": "setup(\n  name='a'  # the name\n)"}, Package(".", "a", None)),
        ({"setup.py": "NAME = 'a'\nNAME = 'b'\nsetup(name=NAME)"}, Package(".", None, None)),
        ({"setup.py": "NAME = prefix + 'a'\nsetup(name=NAME)"}, Package(".", None, None)),
        ({"pyproject.toml": '[tool.flit.metadata]\nmodule = "a"\ndist-name = "a-dist"\n'}, Package(".", "a-dist", None)),
        ({"pyproject.toml": '[tool.flit.metadata]\nmodule = "a"\n'}, Package(".", "a", None)),
        (
            {
                "pyproject.toml": '[build-system]\nbuild-backend = "maturin"\n',
                "Cargo.toml": '[package]\nname = "crate"\n[lib]\nname = "z"\n',
            },
            Package(".", "crate", None),
        ),
        ({"pyproject.toml": '[project]\nname = "a"\n[tool.uv.workspace]\nmembers = ["b"]\n'}, None),
        ({"pyproject.toml": '[project]\nname = "a"\n[tool.uv]\npackage = false\n'}, None),
        ({"pyproject.toml": '[build-system]\n[project]\nname = "a"\n[tool.uv.workspace]\n'}, Package(".", "a", None)),
        ({"pyproject.toml": '[tool.poetry]\nname = "a"\npackage-mode = false\n'}, None),
        ({"pyproject.toml": '[project]\nname = "a"\nclassifiers = ["Private :: No"]\n'}, Package(".", "a", None, side=True)),
        ({"setup.cfg": "[flake8]\n"}, None),
        ({"pyproject.toml": "[tool.ruff]\n"}, None),
        ({"README": ""}, None),
    ],
)
def test_one_folder(tmp_path: Path, files: dict[str, str], package: Package | None) -> None:
    """Only static names are taken; a file of tool settings is no package."""
    for name, text in files.items():
        put(tmp_path, name, text)
    assert package == package_at(tmp_path, ".")


def test_a_whole_checkout(tmp_path: Path) -> None:
    """The root first, then by path; hidden, built and installed folders are not looked into."""
    for path in (
        "b",
        "a/deep",
        "{{name}}",
        ".hidden",
        "node_modules/x",
        "build",
        "tests/data",
        "v/site-packages/y",
        "l1/l2/l3/l4/l5",
    ):
        put(tmp_path, f"{path}/pyproject.toml", PROJECT.format(name="x"))
    put(tmp_path, "setup.py", "setup(name='root')")
    found = [(package.path, package.side) for package in find_packages(tmp_path)]
    assert [(".", False), ("a/deep", False), ("b", False), ("tests/data", True)] == found


def test_links_are_not_followed(tmp_path: Path) -> None:
    """A circle of folders would never end."""
    put(tmp_path, "a/pyproject.toml", PROJECT.format(name="x"))
    (tmp_path / "a/again").symlink_to(tmp_path)
    assert ["a"] == [package.path for package in find_packages(tmp_path)]


def test_a_broken_description_is_an_error_except_among_tests(tmp_path: Path) -> None:
    """Tests keep broken ones on purpose."""
    put(tmp_path, "tests/bad/pyproject.toml", "[[")
    assert [] == list(find_packages(tmp_path))
    put(tmp_path, "pkg/pyproject.toml", "[[")
    with pytest.raises(BrokenFile, match=r"pkg/pyproject\.toml"):
        list(find_packages(tmp_path))


def test_a_missing_folder_holds_no_package(tmp_path: Path) -> None:
    """It is no error here: whoever asked says which folders there are."""
    assert None is package_at(tmp_path, "nowhere")


@pytest.mark.parametrize("path", ["../other", "/", "a\0b", "\ud800", "x" * 5000, "out"])
def test_a_path_that_leads_elsewhere_holds_no_package(tmp_path: Path, path: str) -> None:
    """A workflow may name any folder; none outside of the checkout is looked at, and what is no path is none."""
    for folder in ("root", "other"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "pyproject.toml").write_text('[project]\nname = "tool"\n')
    (tmp_path / "root/out").symlink_to(tmp_path / "other")

    assert package_at(tmp_path / "root", path) is None
    assert package_at(tmp_path / "root", ".") is not None
