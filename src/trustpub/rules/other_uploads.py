"""Recipes that upload by hand where a workflow already uploads by trusted publishing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Related, Rule, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts

RULE = Rule(
    code="T02",
    name="uploads-by-hand",
    severity="low",
    title="A recipe still uploads by hand",
    why=(
        "A recipe that uploads from somebody's machine needs a token there, and that token publishes forever, past every "
        "review that the workflow has. Files that come by such a way have no attestations: nobody can tell them from those of "
        "a thief."
    ),
    source="reports on malicious releases that were uploaded past the project's workflow",
    help="Take the recipe away, or let it upload to testpypi only; then revoke the tokens that it was used with.",
)

_FOLDERS = ("scripts/", "tools/", "bin/", "ci/")
_FILES = frozenset(
    ("makefile", "gnumakefile", "justfile", ".justfile", "tox.ini", "noxfile.py", "tasks.py", "dodo.py", "taskfile.yml")
)
_UPLOADS = (
    r"""(?m)^(?![ \t]*#)[^\n]*?(?:^|[ \t;&|({"'])(?P<words>(?:\S*python[0-9.]*[ \t]+-m[ \t]+)?(?:[\w./${}-]*[/}])?"""
    r"""(?:twine[ \t"',]+upload|(?:uv|poetry|flit|hatch|pdm|maturin)[ \t"',]+publish|setup\.py[ \t]+(?:\S+[ \t]+)*upload)\b)"""
    r"""(?P<rest>[^\n]*)$"""
)
_ELSEWHERE = r"(?i)test|--dry-run|--help|\s(?:-r|--repository)[ =]+(?!pypi\b)|--repository-url|--publish-url|--index|-t\s+test"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for all recipes, when some workflow uploads to PyPI by trusted publishing."""
    trusted = any(
        each.index == "pypi" and each.credential == "trusted-publishing" and each.reached
        for _, found in facts.trusted()
        for each in found
    )
    places = list(_recipes(facts)) if trusted else []
    if places:
        span, words = places[0]
        yield Finding(
            rule=RULE.code,
            severity=RULE.severity,
            message=f"`{span.path}` uploads to pypi by hand, beside the workflow that does it by trusted publishing: `{words}`",
            span=span,
            help=RULE.help,
            related=tuple(Related(other, "uploads by hand too") for other, _ in places[1:8]),
        )


def _recipes(facts: Facts) -> Iterator[tuple[Span, str]]:
    used = {via.path for site, _ in facts.sites() for via in site.upload.via}
    for path in _paths(facts):
        data = facts.files.read(path) if path not in used else None
        if data is None or (b"upload" not in data and b"publish" not in data):
            continue
        text = data.decode("utf-8", "replace").removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
        for match in re.finditer(_UPLOADS, text):
            if not re.search(_ELSEWHERE, match["rest"]) and not re.search(_ELSEWHERE, _recipe_name(text, match.start())):
                yield (
                    Span(path, match.start("words"), match.end("words")),
                    " ".join(re.sub(r"[\"',]", " ", match["words"]).split()),
                )


def _recipe_name(text: str, index: int) -> str:
    """Return the last line before that begins a recipe: `publish-test:`, `[testenv:release]`."""
    names = re.findall(r"(?m)^(?:[A-Za-z_.-][^\n:=]*:|\[[^\]\n]*\]|def \w+)", text[max(0, index - 2000) : index])
    return names[-1].replace("testenv", "") if names else ""


def _paths(facts: Facts) -> Iterator[str]:
    top = facts.files.names(".")
    for name in top:
        if _is_recipe(name):
            yield name
        elif name in _FOLDERS:
            yield from (name + each for each in facts.files.names(name) if _is_recipe(each))


def _is_recipe(name: str) -> bool:
    lower = name.lower()
    return lower in _FILES or (lower.startswith(("release", "publish", "upload", "deploy")) and lower.endswith((".sh", ".py")))
