"""Events in words: no keys of rows, no braces, both languages."""

from __future__ import annotations

import re
from importlib.resources import files

from trustpub.domain.claims import JSON
from trustpub.web.pages.told_event import actor_said, detail_said
from trustpub.web.pages.words import WORDS

KIND = re.compile(r"""Event\(\s*"([a-z-]+:[a-z-]+)\"""")


def test_a_detail_is_a_line_of_words() -> None:
    """What is within it is said as well; numbers of rows are not."""
    detail: dict[str, JSON] = {
        "version": "1.0",
        "publisher_id": 7,
        "claims": {"ref": "refs/tags/v1"},
        "expires": 0,
        "on": True,
        "email": "",
    }
    assert detail_said("en", detail) == "version: 1.0 · ref: refs/tags/v1 · until: 1970-01-01 · on: yes"
    assert detail_said("ko", {"method": "totp"}) == "방법: 인증 앱"


def test_a_difference_says_what_is_registered_and_what_came() -> None:
    """As they are, whatever signs they hold."""
    detail: dict[str, JSON] = {"differences": [{"field": "environment", "expected": "a&b", "got": None}]}
    assert detail_said("en", detail) == "differs: Environment (registered: a&b, came: nothing)"


def test_what_goes_without_saying_is_left_out() -> None:
    """On the page of one's own account, whose it is."""
    assert detail_said("en", {"user": "hana", "label": "blue"}, frozenset({"user"})) == "name: blue"


def test_somebody_without_an_account_has_a_name_as_well() -> None:
    """And people keep theirs."""
    assert actor_said("en", "") == "somebody who was not signed in"
    assert actor_said("ko", "OpenID created token") == "ID 토큰"
    assert actor_said("ko", "hana") == "hana"


def test_every_event_of_projects_and_accounts_has_words() -> None:
    """Of every use case that writes one by its name."""
    folders = [files("trustpub.usecases").joinpath(name) for name in ("", "accounts", "projects", "publishing")]
    sources = [each.read_text("utf-8") for folder in folders for each in folder.iterdir() if each.name.endswith(".py")]
    kinds = {kind for source in sources for kind in KIND.findall(source)}
    assert len(kinds) > 30
    assert {f"event.{kind}" for kind in kinds} - set(WORDS) == set()
