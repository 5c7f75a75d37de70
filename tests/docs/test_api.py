"""The page of the management API names what the API has, and its codes are explained."""

from __future__ import annotations

import re
from typing import Any

from tests.docs.markdown import page
from trustpub.web.api.openapi import PATH as DESCRIPTION
from trustpub.web.api.openapi import document


def test_every_request_has_a_heading() -> None:
    """Method and path, as in the OpenAPI document, and no other."""
    whole: Any = document()
    described = {f"{method.upper()} {path}" for path, methods in whole["paths"].items() for method in methods}
    told = {words for _, words in page("api.md").headings if " /" in words}
    assert described == told
    assert DESCRIPTION in page("api.md").text


def test_every_key_of_a_publisher_is_named() -> None:
    """Those that are sent, those that are answered."""
    whole: Any = document()
    schemas = whole["components"]["schemas"]
    named = set(re.findall(r"[`\"](\w+)[`\"]", page("api.md").text))
    keys = {key for name in ("Publisher", "NewPublisher") for key in schemas[name]["properties"]}
    assert set() == keys - named


def test_every_key_of_every_answer_is_named() -> None:
    """Of projects, people, releases, readers and the rest too, each in backticks or in an example."""
    whole: Any = document()
    named = set(re.findall(r"[`\"](\w+)[`\"]", page("api.md").text))
    keys = {key for schema in whole["components"]["schemas"].values() for key in schema.get("properties", {})}
    assert len(keys) > 40
    assert set() == keys - named
