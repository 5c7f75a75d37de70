"""The declared project and the package's own name."""

from __future__ import annotations

import pytest

from tests.rules.samples import facts, found, spanned
from trustpub.domain.package import Package


def row(project: str, path: str = "", index: str = "pypi") -> str:
    """One declared publisher."""
    folder = f'path = "{path}"\n' if path else ""
    known = 'owner = "octo"\nrepository = "tool"\nworkflow = "release.yml"\n'
    return f'[[publisher]]\nproject = "{project}"\nindex = "{index}"\n{known}{folder}'


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pyproject.toml", '[project]\nname = "my-tool"\n'),
        ("setup.cfg", "[metadata]\nname = my-tool\n"),
        ("setup.py", "setup(name='my-tool')\n"),
    ],
)
def test_another_name(file: str, text: str) -> None:
    """The declared name is pointed at, with the place of the package's own."""
    seen = facts({"trustpub.toml": row("tool"), file: text}, packages=(Package(".", "my-tool", None),))
    (finding,) = found("project_name", seen)
    assert "the publisher on pypi is for the project `tool`, the package is named `my-tool`" == finding.message
    assert ("M06", "blocker", "tool") == (finding.rule, finding.severity, spanned(seen, finding.span))
    assert [(file, "my-tool")] == [(each.span.path, spanned(seen, each.span)) for each in finding.related]


def test_each_folder_has_its_own_package() -> None:
    """A publisher with a folder is held against the package that lies there."""
    packages = (Package("libs/a", "a", None), Package("libs/b", "bee", None))
    seen = facts({"trustpub.toml": row("a", "libs/a") + row("b", "libs/b")}, packages=packages)
    (finding,) = found("project_name", seen)
    assert "the publisher on pypi is for the project `b`, the package is named `bee`" == finding.message
    assert () == finding.related


@pytest.mark.parametrize(
    ("text", "packages"),
    [
        (row("My.Tool"), (Package(".", "my-tool", None),)),
        (row("tool"), (Package(".", None, None),)),
        (row("tool"), ()),
        (row("tool") + row("tool", index="testpypi"), (Package(".", "tool", None),)),
        (row("tool") + row("lib"), (Package(".", "tool", None),)),
        (row("tool") + row("lib", "lib"), (Package(".", "whole", None), Package("lib", "lib", None))),
        (row("tool"), (Package("lib", "lib", None),)),
        (row("tool"), (Package(".", "{{ cookiecutter.name }}", None),)),
        ("", (Package(".", "tool", None),)),
    ],
    ids=["same", "dynamic", "no package", "two indexes", "two projects", "mixed", "elsewhere", "template", "nothing declared"],
)
def test_silence_where_they_agree_or_nobody_can_tell(text: str, packages: tuple[Package, ...]) -> None:
    """Names are compared as an index does; one folder with two projects says nothing about either."""
    assert [] == found("project_name", facts({"trustpub.toml": text}, packages=packages))
