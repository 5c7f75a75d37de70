"""Workflow files made by hypothesis: every key of the language, right and wrong values, and every way of writing YAML."""

from __future__ import annotations

import json
import re
from random import Random
from typing import TYPE_CHECKING, TypeAlias

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

Made: TypeAlias = "str | bool | int | float | list[Made] | dict[str, Made] | None"
Making: TypeAlias = "st.SearchStrategy[Made]"

EXPRESSIONS = [
    "github.ref",
    "github.ref_name",
    "github.ref_type == 'tag'",
    "github.event_name != 'pull_request'",
    "startsWith(github.ref, 'refs/tags/v')",
    "always()",
    "failure() || cancelled()",
    "!cancelled() && needs.build.result == 'success'",
    "inputs.index == 'testpypi'",
    "secrets.PYPI_TOKEN",
    "vars.URL || 'x'",
    "matrix.python-version",
    'contains(fromJSON(\'["a", "b"]\'), github.actor)',
    "format('{0}-{1}', github.sha, matrix.os)",
    "toJSON(github)",
    "hashFiles('**/*.lock')",
    "needs.*.outputs.ok",
    "github.event.pull_request.head.repo.fork",
    "github['ref']",
    "steps.a.outputs['b-c']",
    "env.A",
    "1.5e3 > 0x1F",
    "case(github.ref == 'x', 1, 2)",
    "github.event.release.prerelease == false",
    "join(matrix.*, ',')",
    "'it''s'",
    "null == ''",
    "NaN",
    "a b",
    "(((",
    "'open",
    "github..ref",
    "]",
    "",
]
USES = [
    "pypa/gh-action-pypi-publish@release/v1",
    "pypa/gh-action-pypi-publish@release/v1",
    "pypa/gh-action-pypi-publish@v1.14.0",
    "pypa/gh-action-pypi-publish@v1.8.0",
    "pypa/gh-action-pypi-publish@76f52bc884231f62b9a034ebfe128415bbaabdfc",
    "actions/checkout@v4",
    "actions/setup-python@v5",
    "actions/upload-artifact@v4",
    "actions/download-artifact@v4",
    "actions/cache@v4",
    "astral-sh/setup-uv@v6",
    "PyO3/maturin-action@v1",
    "pypa/cibuildwheel@v2.22.0",
    "python-semantic-release/python-semantic-release@v9",
    "./.github/actions/publish",
    "./.",
    "./\0",
    "./../../x",
    "docker://alpine:3",
    "octo/tool/.github/workflows/publish.yml@main",
    "./.github/workflows/called.yml",
    "$/x.yml",
    "@",
    "a/b",
    "a/b@",
    "../x@v1",
    "🚀/é@ü",
    "hynek/build-and-inspect-python-package@v2",
]
COMMANDS = [
    "twine upload dist/*",
    "python -m twine upload --repository testpypi dist/*",
    "uv publish --index x",
    "uv publish --trusted-publishing always",
    "poetry publish --build",
    "hatch publish",
    "flit publish",
    "pdm publish --no-build",
    "maturin upload dist/*",
    "maturin publish",
    "make release",
    "tox -e publish",
    "nox -s publish -- x",
    "just publish",
    "python -m build",
    "cat <<EOF\ntwine upload x\nEOF",
    "if true; then \\\n  twine \\\n  upload x; fi",
    'echo "unclosed',
    "$(twine upload x)",
    "`uv publish`",
    'env A=1 twine upload "$DIST"',
    'for f in dist/*; do twine upload "$f"; done',
    "semantic-release publish",
    "curl x",
    "cd \0 && uv publish ../../dist",
    "# uv publish",
    "TWINE_PASSWORD=${{ secrets.X }} twine upload dist/*",
    "cd pkg && uv publish",
    "twine upload --repository-url https://testpypi.example/legacy/ dist/*",
    "${{ inputs.command }}",
    "echo '# trustpub: ignore[C02] x' # trustpub: ignore[C02] x",
]
EVENTS = [
    "push",
    "pull_request",
    "pull_request_target",
    "release",
    "workflow_dispatch",
    "workflow_call",
    "workflow_run",
    "schedule",
    "repository_dispatch",
    "merge_group",
    "create",
    "delete",
    "deployment",
    "issues",
    "issue_comment",
    "registry_package",
    "page_build",
    "watch",
    "nothing",
    "Push",
    "discussion",
    "branch_protection_rule",
]
PATTERNS = ["v*", "**", "!v*-rc", "v[0-9]+.[0-9]+", "release/**", "*", "main", "[", "a?b+", "", "!", "v\\*", "é*", "{a,b}"]
PERMISSIONS = ["id-token", "contents", "packages", "attestations", "actions", "pull-requests", "models", "nothing", "ID-TOKEN"]
NAMES = ["build", "publish", "test", "a", "b-c", "_x", "9", "Publish", "", "é"]


def chosen(values: list[str]) -> Making:
    """One of some words."""
    return st.sampled_from(values)


def wild(strategy: Making) -> Making:
    """Mostly what is right there, sometimes anything."""
    return st.one_of(strategy, strategy, strategy, strategy, strategy, ANYTHING)


def some(fields: dict[str, Making]) -> Making:
    """A map with some of the fields, each mostly right."""
    return st.fixed_dictionaries({}, optional={key: wild(value) for key, value in fields.items()})


def named(value: Making, names: list[str], least: int = 0) -> Making:
    """A map from names to values."""
    return st.dictionaries(st.sampled_from(names), value, min_size=least, max_size=3)


def seeded(build: Callable[[Random], Made]) -> Making:
    """What is built from one number: hypothesis counts its draws, so long texts must not cost many."""
    return st.integers(0, 2**32).map(lambda seed: build(Random(seed)))


def some_text(random: Random) -> str:
    """A short text of any characters."""
    ranges = ((0x20, 0x7E), (0x20, 0x7E), (0x00, 0x1F), (0x80, 0x2FF), (0x1100, 0xFFFD), (0x10000, 0x1FFFF))
    return "".join(chr(random.randint(*random.choice(ranges))) for _ in range(random.randrange(10)))


def some_mix(random: Random) -> str:
    """A few expressions with other text around them."""
    pieces = [*(f"${{{{ {text} }}}}" for text in EXPRESSIONS), "v", "-", "\n", " ", "pypi"]
    return "".join(random.choice(pieces) for _ in range(random.randrange(5)))


def some_plain(random: Random) -> Made:
    """A value of any type that is no list and no map."""
    values: list[Made] = [
        True,
        False,
        None,
        random.randint(-5, 10**20),
        random.random() * 1e9,
        float("inf"),
        some_text(random),
        "",
    ]
    return random.choice(values)


def anything(random: Random, depth: int = 0) -> Made:
    """Lists and maps of anything."""
    kind = random.randrange(4 if depth < 3 else 2)
    if kind < 2:
        return some_plain(random)
    items = [anything(random, depth + 1) for _ in range(random.randrange(4))]
    return items if kind == 2 else {some_text(random): item for item in items}


TEXT = seeded(some_text)
MIXED = seeded(some_mix)
PLAIN = seeded(some_plain)
ANYTHING = seeded(anything)
EXPRESSION: Making = chosen([*EXPRESSIONS, *(f"${{{{ {text} }}}}" for text in EXPRESSIONS)])
WORD: Making = st.one_of(EXPRESSION, TEXT, MIXED, chosen(NAMES))
WORDS: Making = st.one_of(WORD, st.lists(WORD, max_size=3))
ENV: Making = named(WORD, ["A", "TWINE_USERNAME", "TWINE_PASSWORD", "UV_PUBLISH_TOKEN", "PYPI", "x-y", "UV_PUBLISH_URL"])
GRANTS: Making = st.one_of(
    named(st.one_of(chosen(["read", "write", "none"]), WORD), PERMISSIONS),
    chosen(["read-all", "write-all", "none", "{}"]),
    st.none(),
)
RUN = seeded(lambda random: "\n".join(random.choice(COMMANDS) for _ in range(random.randint(1, 3))))
RUNNER: Making = st.one_of(chosen(["ubuntu-latest", "windows-latest", "macos-14", "self-hosted", "${{ matrix.os }}"]), WORDS)
SHELLS: Making = chosen(["bash", "pwsh", "cmd", "python", "sh -e {0}", "${{ matrix.shell }}", ""])
ENVIRONMENT: Making = st.one_of(
    chosen(["pypi", "${{ inputs.index }}", ""]), some({"name": WORD, "url": WORD, "deployment": st.booleans()})
)
WITH: Making = named(
    WORD,
    [
        "repository-url",
        "password",
        "user",
        "packages-dir",
        "attestations",
        "path",
        "name",
        "command",
        "args",
        "ref",
        "fetch-depth",
    ],
)
DEFAULTS: Making = some({"run": some({"shell": SHELLS, "working-directory": WORD})})
CONCURRENCY: Making = st.one_of(WORD, some({"group": WORD, "cancel-in-progress": st.one_of(st.booleans(), EXPRESSION)}))
MATRIX: Making = st.one_of(
    some(
        {
            "os": WORDS,
            "python-version": st.lists(st.one_of(st.floats(), WORD), max_size=4),
            "include": st.lists(named(WORD, ["os", "index", "python-version"]), max_size=3),
            "exclude": st.lists(named(WORD, ["os", "python-version"]), max_size=2),
        }
    ),
    EXPRESSION,
)
STEP_FIELDS: dict[str, Making] = {
    "id": chosen(NAMES),
    "name": WORD,
    "if": st.one_of(EXPRESSION, st.booleans()),
    "env": ENV,
    "with": WITH,
    "shell": SHELLS,
    "working-directory": WORD,
    "continue-on-error": st.booleans(),
    "timeout-minutes": PLAIN,
}
STEP: Making = st.one_of(
    st.fixed_dictionaries({"uses": chosen(USES)}, optional=STEP_FIELDS),
    st.fixed_dictionaries({"run": RUN}, optional=STEP_FIELDS),
    some({"uses": chosen(USES), "run": RUN, "parallel": st.lists(some({"uses": chosen(USES), "run": RUN}), max_size=2)}),
)
JOB: Making = some(
    {
        "name": WORD,
        "needs": st.one_of(chosen(NAMES), st.lists(st.sampled_from(NAMES), max_size=3)),
        "if": EXPRESSION,
        "runs-on": RUNNER,
        "permissions": GRANTS,
        "environment": ENVIRONMENT,
        "concurrency": CONCURRENCY,
        "outputs": named(WORD, NAMES),
        "env": ENV,
        "defaults": DEFAULTS,
        "strategy": some({"matrix": MATRIX, "fail-fast": st.booleans(), "max-parallel": PLAIN}),
        "container": st.one_of(WORD, some({"image": WORD, "credentials": ENV, "env": ENV})),
        "services": named(some({"image": WORD}), NAMES),
        "steps": st.lists(wild(STEP), min_size=1, max_size=4),
        "uses": chosen(USES),
        "secrets": st.one_of(chosen(["inherit"]), ENV),
        "with": WITH,
        "timeout-minutes": PLAIN,
        "continue-on-error": EXPRESSION,
        "snapshot": WORD,
    }
)
PUBLISHING: Making = st.fixed_dictionaries(
    {"runs-on": RUNNER, "steps": st.lists(STEP, min_size=1, max_size=4)},
    optional={
        "permissions": GRANTS,
        "environment": ENVIRONMENT,
        "needs": chosen(NAMES),
        "if": EXPRESSION,
        "strategy": some({"matrix": MATRIX}),
    },
)
INPUT: Making = some(
    {"type": chosen(["string", "boolean", "choice", "environment", "number"]), "default": PLAIN, "options": WORDS}
)
FILTERS: Making = some(
    {
        "branches": st.lists(st.sampled_from(PATTERNS), max_size=3),
        "branches-ignore": st.lists(st.sampled_from(PATTERNS), max_size=2),
        "tags": st.one_of(chosen(PATTERNS), st.lists(st.sampled_from(PATTERNS), max_size=3)),
        "tags-ignore": st.lists(st.sampled_from(PATTERNS), max_size=2),
        "paths": st.lists(st.sampled_from(PATTERNS), max_size=2),
        "paths-ignore": WORDS,
        "types": st.one_of(
            chosen(["published"]), st.lists(st.sampled_from(["published", "created", "released", "x"]), max_size=2)
        ),
        "workflows": WORDS,
        "cron": WORD,
        "inputs": named(INPUT, NAMES),
        "secrets": named(some({"required": st.booleans()}), NAMES),
        "outputs": named(some({"value": WORD}), NAMES),
    }
)
ON: Making = st.one_of(
    chosen(EVENTS),
    st.lists(st.sampled_from(EVENTS), max_size=4),
    named(st.one_of(st.none(), FILTERS, st.lists(FILTERS, max_size=2)), EVENTS),
)
WHOLE: Making = st.fixed_dictionaries(
    {"on": ON, "jobs": named(st.one_of(JOB, PUBLISHING, PUBLISHING, PUBLISHING), NAMES, 1)},
    optional={
        "name": WORD,
        "run-name": WORD,
        "permissions": GRANTS,
        "env": ENV,
        "defaults": DEFAULTS,
        "concurrency": CONCURRENCY,
        "x-extra": ANYTHING,
    },
)
ODD: Making = some({"on": ON, "jobs": named(wild(JOB), NAMES), "permissions": GRANTS})
WORKFLOW: Making = st.one_of(WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, ODD, ANYTHING)
FILES: st.SearchStrategy[tuple[Made, int]] = st.tuples(WORKFLOW, st.integers(0, 2**32))
"""What a file says, and the number from which the way of writing it is drawn."""

_PLAIN = re.compile(r"[A-Za-z_/.$][A-Za-z0-9_/.@${}() =*'|&!<>+\[\]-]*")
_YAML = re.compile(r"[^\x09\x0a\x0d\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def written(made: Made, seed: int) -> str:
    """Write a file, in a way that is drawn from a number."""
    writer = _Writer(Random(seed))
    text = writer.node(made, 0)
    lines = "\r\n" if writer.random.random() < 0.1 else "\n"
    mark = "\N{ZERO WIDTH NO-BREAK SPACE}" if writer.random.random() < 0.05 else ""
    return mark + _YAML.sub("?", text.lstrip("\n")).replace("\n", lines)


class _Writer:
    """Draws a style for every node: braces or lines, quotes, blocks, anchors, comments, odd indentation."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.anchors = 0
        self.step = random.choice((1, 2, 2, 2, 4))

    def node(self, made: Made, indent: int) -> str:
        """Write a node so that it may stand behind `key:`."""
        if isinstance(made, dict | list) and made and self.random.random() < 0.85:
            return self.anchor() + self.comment() + "\n" + self.block(made, indent)
        return f" {self.anchor()}{self.flow(made, indent)}{self.comment()}\n"

    def block(self, made: dict[str, Made] | list[Made], indent: int) -> str:
        space = " " * indent
        lines: list[str] = []
        for item in made.items() if isinstance(made, dict) else made:
            if self.random.random() < 0.05:
                lines.append(
                    f"{space}# trustpub: ignore[M02, X1] why\n" if self.random.random() < 0.3 else f"\n{space}# {{note}}: 'x\n"
                )
            if isinstance(item, tuple):
                lines.append(f"{space}{self.word(item[0])}:{self.node(item[1], indent + self.step)}")
            elif isinstance(item, dict) and item and self.random.random() < 0.9:
                lines.append(
                    f"{space}-" + " " * (max(self.step, 2) - 1) + self.block(item, indent + max(self.step, 2)).lstrip(" ")
                )
            else:
                lines.append(f"{space}-{self.node(item, indent + self.step)}")
        return "".join(lines)

    def flow(self, made: Made, indent: int) -> str:
        if isinstance(made, dict):
            return "{" + ", ".join(f"{self.word(key)}: {self.flow(value, -1)}" for key, value in made.items()) + "}"
        if isinstance(made, list):
            return "[" + ", ".join(self.flow(item, -1) for item in made) + "]"
        if not isinstance(made, str):
            return json.dumps(made) if self.random.random() < 0.9 else "~"
        return self.text(made, indent)

    def text(self, text: str, indent: int) -> str:
        if indent >= 0 and "\n" in text and self.random.random() < 0.8:
            sign = self.random.choice(("|", "|", "|-", "|+", ">", ">-", "|2"))
            return sign + "".join(f"\n{' ' * (indent + 2)}{line}" for line in text.split("\n"))
        return self.word(text, indent < 0)

    def word(self, text: str, flow: bool = False) -> str:
        kind = self.random.random()
        if kind < 0.6 and _PLAIN.fullmatch(text) and (not flow or kind < 0.01 or not set(text) & set("{}[],")):
            return text
        if kind < 0.8 and "\n" not in text:
            return "'" + text.replace("'", "''") + "'"
        return json.dumps(text, ensure_ascii=False)

    def anchor(self) -> str:
        """Begin or repeat an anchor; what is repeated may not exist."""
        kind = self.random.random()
        if kind < 0.97:
            return ""
        self.anchors += 1
        return f"&a{self.anchors} " if kind < 0.99 else self.random.choice(("!!str ", "!x ", f"*a{self.anchors - 1} #", "<<: "))

    def comment(self) -> str:
        return "" if self.random.random() < 0.9 else self.random.choice((" # note", " # trustpub: ignore[C01] why", " #"))
