"""GitHub's own published cases, when a copy of them is at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conformance import languageservices, languageservices_workflows

FOLDER = os.environ.get("TRUSTPUB_LANGUAGESERVICES", "")

pytestmark = pytest.mark.skipif(
    not FOLDER, reason="needs a copy of actions/languageservices: name its folder in TRUSTPUB_LANGUAGESERVICES"
)


def test_every_expression_case_agrees() -> None:
    """Values, kinds and errors."""
    found = list(languageservices.expressions(Path(FOLDER)))
    assert len(found) > 1000
    assert [] == [outcome for outcome in found if not outcome.agrees]


def test_every_workflow_case_agrees_or_says_why_not() -> None:
    """What differs, differs on purpose."""
    found = list(languageservices_workflows.outcomes(Path(FOLDER)))
    assert len(found) > 150
    assert [] == [outcome for outcome in found if not outcome.agrees and not outcome.reason]
