"""Reports to render: one with several findings, a clean one, one of a repository that publishes nothing, and any at all."""

from __future__ import annotations

from hypothesis import strategies as st

from trustpub.domain.findings import SEVERITIES
from trustpub.rules import MODULES
from trustpub.usecases.report import (
    Change,
    Criterion,
    Excerpt,
    Form,
    Hint,
    NotKnown,
    NotRead,
    Repair,
    Report,
    Reported,
    Suppressed,
)

PATH = ".github/workflows/release.yml"


def place(
    lines: str, line: int = 1, column: int = 1, end_column: int | None = None, end_line: int | None = None, path: str = PATH
) -> Excerpt:
    """A place whose text begins with the line `line`; without an end it reaches to the end of what is given."""
    rows = tuple(lines.split("\n"))
    last = line + len(rows) - 1 if end_line is None else end_line
    return Excerpt(path, line, column, last, len(rows[-1]) + 1 if end_column is None else end_column, rows, 0, 0)


ROWS = (
    Criterion("account", "unknown", "no file tells of an account"),
    Criterion("project", "stated", "`trustpub.toml` names `tool` on pypi"),
    Criterion("publisher", "proven", "asked"),
    Criterion("environment", "missing", "the publishing job `publish` names no environment"),
)
FORM = Form(
    "pypi",
    "tool",
    (
        ("repository_owner", "octo"),
        ("repository_name", "tool"),
        ("workflow_filename", "release.yml"),
        ("environment", "pypi"),
    ),
    declared=True,
)
BLOCKER = Reported(
    rule="M02",
    name="id-token-missing",
    severity="blocker",
    message="the job `배포` uploads, but its `permissions` set `id-token` to none",
    place=place("    permissions: {contents: read}  # 권한", line=31, column=18, end_column=34),
    help="Add `id-token: write` to the `permissions` of the job `배포`.",
    fingerprint="f0" * 16,
    related=(Hint(place("      - uses: pypa/gh-action-pypi-publish@release/v1", 40, 9, 52), "uploads here"),),
    fix=Repair(
        "grant `id-token: write` to the job `배포`",
        safe=True,
        changes=(Change(place("    permissions: {contents: read}  # 권한", 31, 33, 33), ", id-token: write"),),
    ),
)
MEDIUM = Reported(
    rule="M02",
    name="id-token-missing",
    severity="medium",
    message="a message with 50% of <b>everything</b>, and `a|b`",
    place=place("on:\n  push:\n    tags: [v*]", line=3, column=1),
    help="Do it.",
    fingerprint="a1" * 16,
)
FOUND = Report(
    repository="octo/tool",
    findings=(BLOCKER, MEDIUM),
    suppressed=(Suppressed(MEDIUM, "the old way, until May", f"{PATH}:3"),),
    acceptance=ROWS,
    publishers=(FORM,),
    powers=("pypi (`tool`): whoever can push a tag `v*`",),
    not_read=(NotRead(".travis.yml", "Travis CI is not read; whether it publishes is not known"),),
    files=2,
    uploads=1,
)
CLEAN = FOUND._replace(findings=(), suppressed=(), powers=(), not_read=())
NOTHING = CLEAN._replace(publishers=(), uploads=0, files=1)

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
"""What a stranger may write into a file, a branch's name, a path."""
HOSTILE = st.sampled_from(
    ["<script>alert(1)</script>", "</pre><b>", "\x1b[31mred", "\x9b2J", "a\u202eb", "`<i>`", "\n::error::x", "%0A", "a|b", "a\rb"]
)
STRANGE = st.builds("{}{}{}".format, WORDS, st.just("") | HOSTILE, WORDS)


@st.composite
def places(draw: st.DrawFn) -> Excerpt:
    """Any place: empty files, empty spans, spans that are longer than what was kept of them."""
    rows = tuple(draw(st.lists(STRANGE.map(lambda row: row.replace("\n", " ")), max_size=6)))
    line, column = draw(st.integers(1, 2000)), draw(st.integers(1, 200))
    more = draw(st.integers(0, 9))
    end_column = draw(st.integers(1 if more else column, 300))
    path = draw(STRANGE.filter(bool))
    return Excerpt(path, line, column, line + more, end_column, rows, 0, 9)


def repairs() -> st.SearchStrategy[Repair]:
    """Any fix, also one without a change."""
    return st.builds(Repair, STRANGE, st.booleans(), st.lists(st.builds(Change, places(), STRANGE), max_size=3).map(tuple))


def findings() -> st.SearchStrategy[Reported]:
    """Any finding, also of rules that are no more."""
    return st.builds(
        Reported,
        rule=st.sampled_from([*MODULES, "Z99"]),
        name=WORDS,
        severity=st.sampled_from(SEVERITIES),
        message=STRANGE,
        place=places(),
        help=STRANGE,
        fingerprint=st.text("0123456789abcdef", min_size=32, max_size=32),
        related=st.lists(st.builds(Hint, places(), STRANGE), max_size=3).map(tuple),
        fix=st.none() | repairs(),
    )


def reports() -> st.SearchStrategy[Report]:
    """Any report."""
    forms = st.builds(Form, WORDS, STRANGE, st.just((("environment", "<pypi>"),)), st.booleans())
    rows = st.builds(Criterion, st.just("account"), st.sampled_from(["proven", "stated", "missing", "unknown"]), STRANGE)
    return st.builds(
        Report,
        repository=STRANGE,
        findings=st.lists(findings(), max_size=4).map(tuple),
        suppressed=st.lists(st.builds(Suppressed, findings(), STRANGE, STRANGE), max_size=2).map(tuple),
        acceptance=st.lists(rows, min_size=1, max_size=4).map(tuple),
        publishers=st.lists(forms, max_size=2).map(tuple),
        powers=st.lists(STRANGE, max_size=2).map(tuple),
        not_read=st.lists(st.builds(NotRead, STRANGE, STRANGE), max_size=2).map(tuple),
        files=st.integers(0, 99),
        uploads=st.integers(0, 99),
        asked=st.booleans(),
        unknown=st.lists(st.builds(NotKnown, STRANGE, STRANGE, STRANGE), max_size=2).map(tuple),
        unreachable=st.lists(STRANGE, max_size=2).map(tuple),
    )
