"""All formats on a real checkout whose files have everything that makes columns go wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trustpub.cli import run

HOSTILE = (
    "\ufeff# \U0001f680 배포\r\n"
    "on: {push: {tags: ['v*']}}\r\n"
    "permissions: {}\r\n"
    "jobs:\r\n"
    "  '배포 \U0001f680': {'runs-on': ubuntu-latest, environment: pypi, permissions: {contents: read}, "
    "steps: [{uses: pypa/gh-action-pypi-publish@release/v1}]}\r\n"
)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A checkout with one workflow: a byte order mark, CRLF, Korean, an emoji, everything in one line."""
    for name in ("NO_COLOR", "FORCE_COLOR", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "checkout"
    (root / ".github" / "workflows").mkdir(parents=True)
    (root / ".github" / "workflows" / "release.yml").write_bytes(HOSTILE.encode())
    (root / "pyproject.toml").write_text('[project]\nname = "tool"\nversion = "1"\n', encoding="utf-8")
    return str(root)


def _wider(line: str) -> int:
    """How many columns more than characters stand before the value: one for each wide one."""
    return sum(char in "배포\U0001f680" for char in line)


def test_text(checkout: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The caret stands under the value, although wide characters are before it and the line was cut."""
    assert 1 == run(["check", checkout], None)
    text = capsys.readouterr().out
    finding = text[text.index("blocker M02 ") :].partition(" = help:")[0].splitlines()
    where = next(number for number, line in enumerate(finding) if "--> " in line)
    line, carets = finding[where + 2 : where + 4]

    assert finding[where].endswith(f"--> .github/workflows/release.yml:5:{HOSTILE.splitlines()[4].index('{contents') + 1}")
    assert "{contents: read}" == line[carets.index("^") - _wider(line) : carets.rindex("^") + 1 - _wider(line)]
    assert "\N{REPLACEMENT CHARACTER}" not in text


@pytest.mark.parametrize(
    ("variables", "expected"), [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)]
)
def test_colours(
    variables: dict[str, str],
    expected: bool,
    checkout: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is no terminal gets no colours, unless it asks; and who refuses them gets none."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    run(["check", checkout], None)

    assert expected == ("\x1b[31;1mblocker M02 id-token-missing:\x1b[0m" in capsys.readouterr().out)


def test_every_format_points_at_the_same_place(
    checkout: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JSON, SARIF and annotations name the place that the text of the file has, in code points after the mark."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    seen = {}
    for form in ("json", "sarif", "github", "html"):
        assert 1 == run(["check", checkout, "--format", form], None)
        seen[form] = capsys.readouterr().out
    finding = next(each for each in json.loads(seen["json"])["findings"] if each["rule"] == "M02")
    result = next(each for each in json.loads(seen["sarif"])["runs"][0]["results"] if each["ruleId"] == "M02")
    line = HOSTILE.splitlines()[finding["line"] - 1]

    assert "{contents: read}" == line[finding["column"] - 1 : finding["end_column"] - 1]
    assert result["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 5,
        "startColumn": finding["column"],
        "endLine": 5,
        "endColumn": finding["end_column"],
    }
    assert f"line=5,endLine=5,col={finding['column']},endColumn={finding['end_column'] - 1}," in seen["github"]
    assert "<mark>{contents: read}</mark>" in seen["html"]
    assert "| blocker | M02 id-token-missing |" in (tmp_path / "summary.md").read_text(encoding="utf-8")
