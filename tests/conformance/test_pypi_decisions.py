"""The profile `pypi` agrees with PyPI's own code, case by case."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

CASES = Path(__file__).with_name("pypi-decisions.jsonl.gz")
TRUSTPUB = Path(sys.executable).with_name("trustpub")


def agreed(case: dict[str, Any]) -> dict[str, Any]:
    """The part of PyPI's answer on which agreement is meant."""
    said = case["pypi"]
    if case.get("mode") == "form":
        return {"valid": said["valid"], "errors": sorted(said["errors"]), "stored": said.get("stored")}
    return {key: said.get(key) for key in ("decision", "code", "publisher", "reason", "description")}


def comparable(case: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """The same part of our answer."""
    return agreed({**case, "pypi": said})


def test_every_decision_of_pypi_is_ours() -> None:
    """All 700 cases, through the real command: same decision, code, row, reason, description; same forms."""
    lines = gzip.decompress(CASES.read_bytes())
    cases = [json.loads(line) for line in lines.splitlines()]

    ran = subprocess.run([TRUSTPUB, "oracle"], input=lines, capture_output=True, check=False)
    answers = [json.loads(line) for line in ran.stdout.splitlines()]

    assert (0, b"") == (ran.returncode, ran.stderr)
    assert 700 == len(cases) == len(answers)
    disagreements = [
        (case["id"], expected, got)
        for case, said in zip(cases, answers, strict=True)
        if (expected := agreed(case)) != (got := comparable(case, said))
    ]
    assert [] == disagreements


def test_every_refusal_names_what_differs() -> None:
    """A refused case names a field, or a missing claim, unless it is a replay or there was no publisher to differ from."""
    lines = gzip.decompress(CASES.read_bytes()).splitlines()
    silent = []
    for line in lines:
        case = json.loads(line)
        if case.get("mode") == "form" or case["pypi"]["decision"] == "accept" or not case["publishers"]:
            continue
        said = _answer(line)
        explained = said["differences"] or said["code"] == "invalid-reuse-token" or said["reason"].startswith("Missing claim ")
        if not explained or any(one["expected"] == one["got"] for one in said["differences"]):
            silent.append((case["id"], said))

    assert [] == silent


def _answer(line: bytes) -> dict[str, Any]:
    from trustpub.domain.matching import Profile
    from trustpub.usecases.oracle import answer

    return json.loads(answer(line, Profile.PYPI).line)  # type: ignore[no-any-return]
