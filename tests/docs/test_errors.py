"""Every error, and every code that a refusal can carry, has a place in the page of errors."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from tests.docs.markdown import ROOT, page
from trustpub import errors
from trustpub.errors import TrustpubError

SOURCE = ROOT / "src" / "trustpub"
CODE = re.compile(r"[a-z]+(?:-[a-z]+)+")
CARRIERS = {"Refusal", "Refused", "TokenRefused", "UploadRefused", "invalid_publisher", "not_done", "refusal", "refused"}


@cache
def sources() -> tuple[str, ...]:
    """Every file of the source."""
    return tuple(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))


def error_classes() -> list[type[TrustpubError]]:
    """The tree of errors."""
    found = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, TrustpubError)]
    return [each for each in found if each is not TrustpubError]


def called(node: ast.Call) -> str:
    """The last word of what is called."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""


def codes(tree: ast.Module) -> Iterator[str]:
    """The codes that one source file puts into refusals: written in the call, or as a constant of this shape."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in CARRIERS:
            values = [*node.args[:2], *(word.value for word in node.keywords if word.arg == "code")]
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.startswith("INVALID_"):
            values = [node.value]
        else:
            continue
        for value in values:
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and CODE.fullmatch(value.value):
                yield value.value


@pytest.mark.parametrize("kind", error_classes(), ids=lambda kind: kind.__name__)
def test_every_error_has_a_heading(kind: type[TrustpubError]) -> None:
    """Each class of errors.py has its code as a heading, and the page says its exit status there."""
    text = page("errors.md").text
    section = text.partition(f"### `{kind.code}`\n")[2].partition("\n#")[0]

    assert f"Exit status {kind.exit_status}." in section


def texts(explained: list[str]) -> list[str]:
    """Every text in the files of the source that hold all words of something explained: only they can hold it whole."""
    sought = [words.split() for words in explained]
    holding = (source for source in sources() if any(all(word in source for word in words) for words in sought))
    nodes = (node for source in holding for node in ast.walk(ast.parse(source)))
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def test_every_explained_reason_exists() -> None:
    """The reasons in the page are how texts of the server begin, or how they go on behind `Invalid API Token: `."""
    section = page("errors.md").text.partition("## Reasons of an upload")[2].partition("\n## ")[0]
    explained = [
        words.removeprefix("Invalid API Token: ") for words in re.findall(r"^\| 40[03] \| `([^`]+)`", section, re.MULTILINE)
    ]
    known = [text.removeprefix("Invalid API Token: ") for text in texts(explained)]

    assert len(explained) > 10
    assert [] == [words for words in explained if not any(text.startswith(words) for text in known)]


def test_every_code_of_a_refusal_is_explained() -> None:
    """A code that the server can answer with stands in the page, in backticks."""
    explained = set(re.findall(r"`([a-z-]+)`", page("errors.md").text))
    carrying = (source for source in sources() if any(word in source for word in (*CARRIERS, "INVALID_")))
    answered = {code for source in carrying for code in codes(ast.parse(source))}

    assert {"invalid-publisher", "invalid-token"} <= answered
    assert set() == answered - explained
