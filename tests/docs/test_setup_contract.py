"""The contract of `setup --format json` names every key that it has."""

from __future__ import annotations

import json
import re

from tests.docs.test_contracts import keys, section
from trustpub.cli.render.plan_json import render_outcome_json
from trustpub.errors import Denied
from trustpub.usecases.setup.planning import Ending
from trustpub.usecases.setup.run import Outcome, Plan
from trustpub.usecases.setup.step import Change, Done, Step
from trustpub.usecases.setup.walk import Item


def test_every_key_of_a_setup_is_named() -> None:
    """The block has exactly the keys of a report in which everything happened."""
    step = Step("tag rules", "github", (Change("+", "rule", "", "deletion"),))
    plan = Plan("octo/lamp", (step,), ("a note",), ("pypi: nobody answered",))
    outcome = Outcome(plan, (Done(step, "differs", step.changes),), Denied("no"))
    ending = Ending((Item("account", "stated", "since today", "pypi"),), None)
    block = section("`setup --format json`").partition("\n\n`step`")[0]

    assert set(keys(json.loads(render_outcome_json(outcome, ending)))) == set(re.findall(r'"(\w+)"', block))
