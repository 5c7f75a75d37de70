"""The report as SARIF 2.1.0: valid by OASIS's own schema, and with what GitHub's code scanning needs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from jsonschema import Draft4Validator

from tests.cli.render.reports import FOUND, MEDIUM, PATH, reports
from tests.conftest import Scale
from trustpub.cli.render.check_sarif import SCHEMA, render_sarif
from trustpub.domain.claims import JSON
from trustpub.rules import MODULES, load
from trustpub.usecases.report import Report, Suppressed

FETCHED = Path(__file__).resolve().parents[3] / ".cache" / "sarif-schema-2.1.0.json"


def run_of(report: Report) -> dict[str, JSON]:
    """The one run of a report."""
    runs = json.loads(render_sarif(report))["runs"]
    assert 1 == len(runs)
    run: dict[str, JSON] = runs[0]
    return run


@pytest.fixture(scope="module")
def validator() -> Draft4Validator:
    """OASIS's schema, as `./x fetch` brings it."""
    if not FETCHED.exists():
        pytest.skip("the SARIF schema is not here: `./x fetch` brings it")
    return Draft4Validator(json.loads(FETCHED.read_text(encoding="utf-8")))


def test_valid_by_the_schema(validator: Draft4Validator, scale: Scale) -> None:
    """Whatever a report holds, its SARIF is valid."""

    @settings(max_examples=scale(12, 2_000), deadline=None)
    @given(report=reports())
    def law(report: Report) -> None:
        assert [] == [error.message for error in validator.iter_errors(json.loads(render_sarif(report)))]

    law()


def test_the_schema_can_refuse(validator: Draft4Validator) -> None:
    """A report with one wrong level, and one with a foreign key, are refused: the schema looks at what it is given."""
    for where, value in (("level", "fatal"), ("colour", "red")):
        broken = json.loads(render_sarif(FOUND))
        broken["runs"][0]["results"][0][where] = value

        assert not validator.is_valid(broken)


def test_names_the_schema_that_it_follows(validator: Draft4Validator) -> None:
    """`$schema` is the address by which that schema calls itself."""
    schema = validator.schema

    assert isinstance(schema, dict)
    assert schema["id"] == SCHEMA == json.loads(render_sarif(FOUND))["$schema"]


def test_a_result() -> None:
    """A finding's place, fingerprint, related places and fix, with paths relative to the checkout."""
    artifact = {"uri": PATH, "uriBaseId": "SRCROOT"}

    def location(line: int, start: int, end: int) -> dict[str, JSON]:
        region: JSON = {"startLine": line, "startColumn": start, "endLine": line, "endColumn": end}
        return {"physicalLocation": {"artifactLocation": dict[str, JSON](artifact), "region": region}}

    results = run_of(FOUND)["results"]
    assert isinstance(results, list)
    assert {
        "ruleId": "M02",
        "ruleIndex": 0,
        "level": "error",
        "message": {
            "text": "the job `배포` uploads, but its `permissions` set `id-token` to none. "
            "Add `id-token: write` to the `permissions` of the job `배포`."
        },
        "locations": [location(31, 18, 34)],
        "partialFingerprints": {"trustpub/v1": "f0" * 16},
        "properties": {"severity": "blocker"},
        "relatedLocations": [{"id": 0, "message": {"text": "uploads here"}, **location(40, 9, 52)}],
        "fixes": [
            {
                "description": {"text": "grant `id-token: write` to the job `배포`"},
                "artifactChanges": [
                    {
                        "artifactLocation": artifact,
                        "replacements": [
                            {
                                "deletedRegion": {"startLine": 31, "startColumn": 33, "endLine": 31, "endColumn": 33},
                                "insertedContent": {"text": ", id-token: write"},
                            }
                        ],
                    }
                ],
            }
        ],
    } == results[0]


def test_suppressed_findings_are_marked() -> None:
    """A comment's suppression is in the source, a baseline's is outside; each carries its reason."""
    by_comment, by_file = (Suppressed(MEDIUM, "why", by) for by in (f"{PATH}:3", "trustpub-baseline.json"))
    results = run_of(FOUND._replace(findings=(), suppressed=(by_comment, by_file)))["results"]

    assert isinstance(results, list)
    assert [
        [{"kind": "inSource", "justification": "why"}],
        [{"kind": "external", "justification": "why"}],
    ] == [result["suppressions"] for result in results if isinstance(result, dict)]


def test_what_was_not_read_is_said() -> None:
    """Files of other systems are notifications of the run."""
    invocations = run_of(FOUND)["invocations"]

    assert isinstance(invocations, list)
    assert isinstance(invocations[0], dict)
    assert [
        {
            "level": "warning",
            "message": {"text": "Travis CI is not read; whether it publishes is not known"},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": ".travis.yml", "uriBaseId": "SRCROOT"}}}],
        }
    ] == invocations[0]["toolExecutionNotifications"]


@pytest.mark.parametrize("path", ["a b.yml", "a:b.yml", "한글.yml", "#x?.yml", "\udcff.yml"])
def test_paths_are_uris(path: str) -> None:
    """A path with any characters is a relative reference of ASCII."""
    odd = MEDIUM._replace(place=MEDIUM.place._replace(path=path))
    text = render_sarif(FOUND._replace(findings=(odd,), suppressed=(), not_read=()))
    uri = json.loads(text)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]

    assert uri.isascii()
    assert set() == set(uri) & set(" :#?")


@pytest.mark.parametrize("code", MODULES)
def test_rules_are_described(code: str) -> None:
    """A rule's texts stand where viewers look for them, with a level and a number to sort by."""
    rule = load(code).RULE
    tool = run_of(FOUND._replace(findings=(MEDIUM._replace(rule=code),), suppressed=()))["tool"]

    assert isinstance(tool, dict)
    assert isinstance(tool["driver"], dict)
    assert isinstance(tool["driver"]["rules"], list)
    (described,) = tool["driver"]["rules"]
    assert isinstance(described, dict)
    assert (code, rule.name, {"text": rule.title}, {"text": rule.why}) == tuple(
        described[key] for key in ("id", "name", "shortDescription", "fullDescription")
    )
    assert {"level", "security-severity"} <= {*_dict(described["defaultConfiguration"]), *_dict(described["properties"])}


def _dict(value: JSON) -> dict[str, JSON]:
    assert isinstance(value, dict)
    return value
