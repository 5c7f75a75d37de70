"""The contracts name every key that the JSON reports have, so that nobody relies on one that is not promised."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import get_args

from tests.cli.render.reports import FORM, FOUND
from tests.docs.markdown import page
from tests.workflows.samples import only, publishing
from trustpub.cli.render.check_json import render_json
from trustpub.cli.render.rehearsal_json import rehearsal_values
from trustpub.domain.claims import JSON
from trustpub.domain.findings import Rule
from trustpub.usecases.rehearsal import STEPS, ClientOutcome, ControlOutcome, Leg, Reason, Rehearsal, Step
from trustpub.usecases.report import NotKnown, State
from trustpub.workflows.predict import VERDICTS

PRIVATE = {"inputs", "ref_types", "reached", "actions", "stopped", "surely"}
"""Fields of a prediction that no report shows."""
FREE = {"publisher", "claims", "clients"}
"""Objects whose keys are values: claim names, row names, clients."""


def section(title: str) -> str:
    """The text below one heading of the page."""
    return page("contracts.md").text.partition(f"## {title}\n")[2].partition("\n## ")[0]


def keys(value: JSON) -> Iterator[str]:
    """Every key of an object and of the objects in it."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            if name == "clients" and isinstance(inner, dict):
                for client in inner.values():
                    yield from keys(client)
            elif name not in FREE:
                yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


def test_every_key_of_a_prediction_is_named() -> None:
    """The block of `predict` has exactly the keys of a prediction."""
    named = set(re.findall(r'"(\w+)"', section("`predict --format json`"))) - {"predictions", "sub"}

    assert set(only(publishing("release")).to_json()) == named


def test_every_key_of_a_check_is_named() -> None:
    """The block of `check` has exactly the keys of its report, but for the fields of a publisher, which are the index's own."""
    named = set(re.findall(r'"(\w+)"', section("`check --format json`")))

    asked = FOUND._replace(unknown=(NotKnown("the rulesets", "not told", "Metadata: read"),))

    assert set(keys(json.loads(render_json(asked)))) - set(dict(FORM.fields)) == named


def test_every_state_of_a_row_is_explained() -> None:
    """The table has each state once."""
    assert sorted(get_args(State)) == sorted(re.findall(r"^\| `(\w+)` \|", section("`check --format json`"), re.MULTILINE))


def test_every_key_of_a_rule_is_named() -> None:
    """The block of `rules` has exactly the keys of a rule."""
    assert {"rules", *Rule._fields} == set(re.findall(r'"(\w+)"', section("`rules --format json`")))


def test_every_verdict_is_explained() -> None:
    """The table has each verdict once."""
    assert sorted(VERDICTS) == sorted(re.findall(r"^\| `(\w+)` \|", section("`predict --format json`"), re.MULTILINE))


def test_every_key_of_a_rehearsal_is_named() -> None:
    """The block of `rehearse` has exactly the keys of its report."""
    leg = Leg(
        index="pypi",
        project="orchay",
        workflow="pypi.yml",
        job="publish",
        event="push",
        ref="refs/tags/v1",
        environment="pypi",
        publisher={},
        claims={},
        steps=(Step("request", ok=True, evidence=""),),
        clients={"uv": ClientOutcome(ok=True, version="", evidence="")},
        controls=(ControlOutcome("alg none", refused=None, status=None, code="", why="no"),),
        reasons=(Reason("invalid-publisher", "", field="environment"),),
        files=(("orchay.tar.gz", ""),),
    )
    named = set(re.findall(r'"(\w+)"', section("`rehearse --format json`"))) - {"uv", "twine", "pip"}

    assert set(keys(rehearsal_values(Rehearsal("orchay", (leg,), 1.0)))) == named


def test_the_five_steps_are_named_in_order() -> None:
    """Contract and guide name the steps of the flow as the reports do, in their order."""
    assert list(STEPS) == [name for name in re.findall(r"`([\w-]+)`", section("`rehearse --format json`")) if name in STEPS]
