"""Classifiers exist, or they do not; what took their place is told."""

from __future__ import annotations

import pytest

from trustpub.domain.classifiers import Catalogue, classifier_problem

CATALOGUE = Catalogue({"A :: B", "C", "Old", "Gone"}, {"Old": ["A :: B", "C"], "Gone": []})


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ((), None),
        (("A :: B", "C"), None),
        (("Private :: Ours",), None),
        (("C", "Z", "Y"), "'Y' is an invalid value for Classifier. Error: 'Y' is not a valid classifier."),
        (("a :: b",), "'a :: b' is not a valid classifier."),
        (("Old",), "The classifier 'Old' has been deprecated, use one of ['A :: B', 'C'] instead."),
        (("Gone",), "The classifier 'Gone' has been deprecated."),
        (("Gone", "Z"), "'Z' is not a valid classifier."),
    ],
)
def test_classifiers(asked: tuple[str, ...], words: str | None) -> None:
    """What does not exist is told before what is out of date, in PyPI's words."""
    found = classifier_problem(asked, CATALOGUE)

    assert (found is None) is (words is None)
    if found is not None and words is not None:
        assert words in found.message
        assert found.field == "classifier"
