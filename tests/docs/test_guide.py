"""What the guide of check shows is what check says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, Page
from trustpub.cli import run


def test_the_finding_that_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The first finding on the guide's workflow is the guide's own, to the letter."""
    guide = Page(ROOT / "docs" / "guides" / "check.md")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "checkout" / ".github" / "workflows" / "release.yml"
    path.parent.mkdir(parents=True)
    path.write_text(next(guide.blocks("yaml")), encoding="utf-8")

    monkeypatch.chdir(tmp_path / "checkout")

    assert 1 == run(["check"], None)
    assert next(guide.blocks("text")) == capsys.readouterr().out.partition("\n\n")[0] + "\n"
