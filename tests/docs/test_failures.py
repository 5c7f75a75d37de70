"""The page of failures says what the catalogue says: every cause that `trustpub explain` can name has its heading."""

from __future__ import annotations

import importlib.util
import json
import re

from tests.docs.markdown import ROOT, page
from trustpub.cli.render.explain_json import render_json
from trustpub.domain.failures import CATALOGUE, Evidence, Found


def test_the_page_is_what_the_catalogue_says() -> None:
    """`.venv/bin/python docs/failures.py` writes the page anew after a change of a cause."""
    spec = importlib.util.spec_from_file_location("docs_failures", ROOT / "docs" / "failures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    assert module.page() == page("failures.md").text


def test_every_cause_has_a_heading() -> None:
    """One heading a code, none for anything else, in the order in which a release meets them."""
    headings = [words for level, words in page("failures.md").headings if level == 3]

    assert sorted(cause.code for cause in CATALOGUE) == sorted(headings)


def test_every_key_of_a_cause_is_named() -> None:
    """The contract's block of `explain` has exactly the keys of its report."""
    named = set(
        re.findall(r'"(\w+)":', page("contracts.md").text.partition("## `explain --format json`\n")[2].partition("\n## ")[0])
    )
    evidence = (Evidence(3, "text", "publish"),)
    (cause,) = json.loads(render_json([Found("code", "title", "certain", evidence, "fix", "field", "one", "another")]))["causes"]

    assert {"causes", *cause, *cause["evidence"][0]} == named
