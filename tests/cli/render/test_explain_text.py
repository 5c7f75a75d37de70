"""The causes of a failed release, as a person reads them."""

from __future__ import annotations

from trustpub.cli.render.explain_text import render_text
from trustpub.domain.failures import Evidence, Found

CAUSE = Found(
    "code",
    "what happened",
    "likely",
    (Evidence(3, "a line", "publish"), Evidence(0, "beside")),
    "Do this.",
    "field",
    "one",
    "two",
)


def test_a_cause_is_drawn_whole() -> None:
    """Code and confidence, what happened, field with both values, where it stands, what to do."""
    assert (
        "code (likely)\n"
        "  what happened\n"
        "  field  field: the publisher has `one`, the token `two`\n"
        "  publish, line 3: a line\n"
        "  beside the log: beside\n"
        "  fix    Do this.\n"
    ) == render_text((CAUSE,))


def test_a_value_that_is_not_there_is_said() -> None:
    """A token without an environment has none, not an empty one."""
    assert "the publisher has `one`, the token none\n" in render_text((CAUSE._replace(got=""),))


def test_neither_log_nor_job_drives_a_terminal() -> None:
    """Only our own colours are left."""
    hostile = CAUSE._replace(title="a\x1b[2J", evidence=(Evidence(1, "b\x07", "job\x1b]0;x"),))
    drawn = render_text((hostile,), lambda text, colour: f"\x1b[{colour}m{text}\x1b[0m")

    assert drawn.startswith("\x1b[yellowmcode\x1b[0m (likely)\n")
    assert "\x1b" not in drawn.partition("\n")[2]
    assert "\x07" not in drawn


def test_causes_are_apart() -> None:
    """An empty line between two."""
    assert "Do this.\n\ncode" in render_text((CAUSE, CAUSE))
