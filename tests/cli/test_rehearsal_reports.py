"""The three reports of a rehearsal."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from inline_snapshot import snapshot

from tests.cli.rehearsal_samples import GOOD, GOOD_LEG, HOLE, STOPPED
from trustpub.cli.render.rehearsal_html import render_html, said_of
from trustpub.cli.render.rehearsal_json import render_json
from trustpub.cli.render.rehearsal_text import render_text
from trustpub.usecases.rehearsal import Rehearsal


def test_json_has_the_contracts_shape() -> None:
    """Every name of the contract, with its type; more keys may stand beside them."""
    values = json.loads(render_json(GOOD))
    assert (values["ok"], values["project"], values["seconds"]) == (True, "demo", 3.14)
    (leg,) = values["legs"]
    assert leg["index"] == "pypi"
    assert leg["publisher"] == GOOD_LEG.publisher
    assert leg["steps"][0] == {"name": "request", "ok": True, "evidence": "request was seen"}
    assert leg["clients"]["uv"]["ok"] is True
    assert {"ok", "version", "evidence"} <= set(leg["clients"]["twine"])
    assert leg["controls"] == [
        {"name": "alg none", "refused": True, "status": 422, "code": "invalid-token"},
        {"name": "missing environment", "refused": None, "status": None, "code": "invalid-publisher", "why": "no environment"},
    ]


@pytest.mark.parametrize(("found", "ok"), [(GOOD, True), (HOLE, False), (STOPPED, False), (Rehearsal("demo", (), 0.0), False)])
def test_ok_is_all_legs_and_no_accepted_attack(found: Rehearsal, ok: bool) -> None:
    """One hole, one stopped leg, or no leg at all is not ok."""
    assert json.loads(render_json(found))["ok"] is ok


def test_text_of_a_good_rehearsal() -> None:
    """The five steps with their evidence, clients, controls, what is unproven, the verdict."""
    assert render_text(GOOD) == snapshot("""\
== pypi: demo, push of refs/tags/v1.0, .github/workflows/pypi.yml, job publish
publisher  repository_owner octo, repository_owner_id 1001, repository_name demo, workflow_filename pypi.yml,
           environment pypi
1 request             ok   request was seen
2 id-token            ok   id-token was seen
3 verification        ok   verification was seen
4 publisher-matching  ok   publisher-matching was seen
5 upload              ok   upload was seen
  uv 0.13.9           ok   uploads 200, 200
  twine 7.0.0         ok   uploads 200, 200
  pip 26.3            ok   demo.whl came back
  controls   1 refused, 0 not refused as they must be, 1 do not apply
    refused   alg none                                   422 invalid-token
    n/a       missing environment
              no environment
  unproven   the real index's record was not read: the publisher is as trustpub.toml states

note  a note
ok: demo publishes to pypi without a stored token; 1 attacks refused (3.1 s)
""")


def test_text_of_a_stopped_rehearsal() -> None:
    """The reason in PyPI's words, the field that differs, the fix, the client's own words without control characters."""
    assert render_text(STOPPED) == snapshot("""\
== pypi: demo, push of refs/tags/v1.0, .github/workflows/pypi.yml, job publish
publisher  repository_owner octo, repository_owner_id 1001, repository_name demo, workflow_filename pypi.yml,
           environment pypi
1 request             ok   asked
2 id-token            FAIL not reached
3 verification        FAIL not reached
4 publisher-matching  FAIL not reached
5 upload              FAIL not reached
  why      invalid-publisher: valid token, but no corresponding publisher
           environment: registered `pypi`, the job says `release`
  fix      Fix it.
  uv 0.13.9           FAIL exchange 422 invalid-publisher
      | error:
      |   �[31m<b>no</b>
  twine 7.0.0         -    twine does only the public indexes
  controls   not run: the leg did not get as far as an accepted upload
  refused    elsewhere.test:443: a client wanted to go there; nothing left this machine
  unproven   the real index's record was not read: the publisher is as trustpub.toml states

NOT OK: demo would not reach pypi; the lines marked FAIL or WRONG say why.
""")


def test_an_accepted_attack_is_loud() -> None:
    """In the table and in the last line."""
    text = render_text(HOLE)
    assert "ACCEPTED  foreign key" in text
    assert text.splitlines()[-1] == "NOT OK: attacks were ACCEPTED (pypi: foreign key). Do not publish before this is closed."


class _Strict(HTMLParser):
    """Collects tags and attributes, and insists that they are closed in order."""

    void = frozenset({"meta", "rect", "line", "path", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("found", [GOOD, HOLE, STOPPED], ids=["good", "hole", "stopped"])
def test_html_stands_alone(found: Rehearsal) -> None:
    """Well-formed, no script, no address, unique ids, the diagram and the tables inside."""
    two = replace(found, legs=(*found.legs, replace(found.legs[0], index="testpypi")))
    page = render_html(two)
    parser = _Strict()
    parser.feed(page)
    assert parser.open == []
    assert parser.seen.count("svg") == 2
    assert "script" not in parser.seen
    assert "table" in parser.seen
    assert len(parser.ids) == len(set(parser.ids))
    assert not re.search(r"https?://|src=|href=|@import|url\((?!#)", page)
    assert "prefers-color-scheme:dark" in page


def test_html_escapes_what_others_wrote() -> None:
    """A client's output is text, not markup."""
    page = render_html(STOPPED)
    assert "<b>no</b>" not in page
    assert "&lt;b&gt;no&lt;/b&gt;" in page


@pytest.mark.parametrize(
    ("field", "said"),
    [("repository_name", "demo"), ("workflow_filename", "pypi.yml"), ("environment", "pypi"), ("repository_owner_id", "1001")],
)
def test_html_sets_claims_beside_the_publisher(field: str, said: str) -> None:
    """The claim that each field is compared with."""
    assert said_of(field, GOOD_LEG) == said
