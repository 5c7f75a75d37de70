"""`trustpub.toml`: what a repository wants to be true of its publishers, environments, tags and indexes.

The same tables may stand in `pyproject.toml` below `[tool.trustpub]`. Unknown keys are refused, because a misspelt key would
silently protect nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias, cast

from trustpub.domain.publishers import Provider, Publisher, publisher
from trustpub.errors import BadInput, BrokenFile
from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FILE_NAME = "trustpub.toml"
PUBLIC_INDEXES = ("pypi", "testpypi")
"""The two names that always mean PyPI's own indexes, whatever a file says."""
LONGEST_WAIT = 43_200
"""The longest wait timer that GitHub takes: thirty days, in minutes."""
MOST_REVIEWERS = 6
"""How many users and teams GitHub takes as reviewers of one environment."""
TAG_BYPASS = ("admin",)
"""Who may make protected tags where nothing else is said: with nobody at all there could be no release."""

Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | object"
Table: TypeAlias = "dict[str, Value]"


class DeclaredPublisher(NamedTuple):
    """A publisher as it is, or shall be, registered on an index. `path` is the package's folder below the repository's root.

    `stated` is the day (`2026-11-22`) on which a person said that the index holds it, empty when nobody has; `pending` says that
    it was registered before the project existed.
    """

    project: str
    index: str  # type: ignore[assignment]  # hides tuple.index, which nobody calls on a record
    provider: Provider
    owner: str
    owner_id: str
    repository: str
    workflow: str
    environment: str
    issuer: str
    path: str
    pending: bool = False
    stated: str = ""

    def registered(self) -> Publisher:
        """Build the row that the index holds. PyPI stores GitHub's environment names in lower case."""
        if self.provider is Provider.GITLAB:
            row = {"namespace": self.owner, "project": self.repository, "workflow_filepath": self.workflow}
            return publisher(self.provider, {**row, "environment": self.environment}, self.issuer or None)
        row = {"repository_owner": self.owner, "repository_owner_id": self.owner_id, "repository_name": self.repository}
        row |= {"workflow_filename": self.workflow, "environment": self.environment.lower()}
        return publisher(self.provider, row, self.issuer or None)


class DeclaredEnvironment(NamedTuple):
    """The rules of one GitHub environment. Empty `branches` and `tags` together restrict nothing; None means not said."""

    name: str
    reviewers: tuple[str, ...] = ()
    wait_minutes: int | None = None
    branches: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    admins_bypass: bool | None = None
    prevent_self_review: bool | None = None


class DeclaredIndex(NamedTuple):
    """An index of one's own: its upload address, and its audience when it is known."""

    name: str
    url: str
    audience: str


class DeclaredAccount(NamedTuple):
    """A person's word about the account on an index: on the day `stated` it had a verified e-mail address and two factors.

    On an index of one's own it says only that there is one.
    """

    name: str
    user: str = ""
    stated: str = ""


class Declaration(NamedTuple):
    """Everything that one `trustpub.toml` says. `path` is the file it was read from, empty when there is none.

    `attestations` says whether every new file shall carry provenance from its publisher; None means not said. `tag_bypass` are
    those who may make protected tags: the roles `admin` and `maintain`, and teams as `org/team`.
    """

    publishers: tuple[DeclaredPublisher, ...] = ()
    environments: Mapping[str, DeclaredEnvironment] = {}
    indexes: Mapping[str, DeclaredIndex] = {}
    tag_protect: tuple[str, ...] = ()
    vars: Mapping[str, str] = {}
    path: str = ""
    accounts: Mapping[str, DeclaredAccount] = {}
    attestations: bool | None = None
    tag_bypass: tuple[str, ...] = TAG_BYPASS

    def environment(self, name: str) -> DeclaredEnvironment | None:
        """Find an environment's rules: GitHub compares environment names without case."""
        wanted = name.lower()
        return next((rules for key, rules in self.environments.items() if key.lower() == wanted), None)


def parse(data: bytes, path: str) -> Declaration:
    """Read `trustpub.toml`, or the `[tool.trustpub]` of a file that is named `pyproject.toml` (empty when it has none).

    Raises `BrokenFile` where it is not TOML, `BadInput` naming the file and the field where it is not this schema.
    """
    top = _toml(data, path)
    if path.rsplit("/", 1)[-1] == "pyproject.toml":
        tool = top.get("tool")
        top = cast("Table", tool.get("trustpub", {})) if isinstance(tool, dict) else {}
        if not isinstance(top, dict):
            raise BadInput(f"{path}: tool.trustpub", why="must be a table")
        if not top:
            return Declaration()
    return _Reader(path).declaration(top)


def _toml(data: bytes, path: str) -> Table:
    import tomllib

    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise BrokenFile(path, "not UTF-8 text", line=line, column=1, next_step="Save it as UTF-8") from None
    if text.startswith("\ufeff"):
        step = "Save it as UTF-8 without one"
        raise BrokenFile(path, "begins with a byte order mark, which TOML does not have", line=1, column=1, next_step=step)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        place = re.search(r"^(.*) \(at (?:line (\d+), column (\d+)|end of document)\)$", str(problem))
        if place is None:
            raise BrokenFile(path, str(problem)) from None
        end = (text.count("\n") + 1, len(text) - text.rfind("\n"))
        why, (line, column) = place[1], (int(place[2]), int(place[3])) if place[2] else end
        raise BrokenFile(path, why, line=line, column=column, text=_line(text, line)) from None
    except RecursionError:
        raise BrokenFile(path, "nested too deeply") from None


def _line(text: str, number: int) -> str:
    lines = text.split("\n")
    line = lines[number - 1] if number <= len(lines) else ""
    return "".join(char if char.isprintable() else " " for char in line)


class _Reader:
    """Reads tables by name and type; every complaint names the file and the field."""

    def __init__(self, path: str) -> None:
        self.path = path

    def declaration(self, top: Table) -> Declaration:
        self._known(top, "", ("publisher", "environments", "tags", "indexes", "accounts", "attestations", "vars"))
        rows = top.get("publisher", [])
        if not isinstance(rows, list):
            raise self._wrong("publisher", "must be a list of tables: `[[publisher]]`")
        indexes = {name: self._index(name, table) for name, table in self._tables(top, "indexes")}
        publishers = tuple(self._publisher(row, f"publisher[{number}]") for number, row in enumerate(rows, 1))
        for number, row in enumerate(publishers, 1):
            self._index_exists(f"publisher[{number}].index", row.index, indexes)
        environments = {name: self._environment(name, table) for name, table in self._tables(top, "environments")}
        self._no_twins(environments)
        tags = self._table(top.get("tags", {}), "tags")
        self._known(tags, "tags", ("protect", "bypass"))
        protect = self._patterns(tags, "tags", "protect", "refs/tags/")
        accounts = {name: self._account(name, table) for name, table in self._tables(top, "accounts")}
        for name in accounts:
            self._index_exists(f"accounts.{name}", name, indexes)
        attested = self._table(top.get("attestations", {}), "attestations")
        self._known(attested, "attestations", ("required",))
        required = self._flag(attested, "attestations", "required")
        vars_, passing = self._vars(top), self._bypass(tags)
        return Declaration(publishers, environments, indexes, protect, vars_, self.path, accounts, required, passing)

    def _bypass(self, tags: Table) -> tuple[str, ...]:
        """Read who may make protected tags. An empty list is refused: no release could be tagged any more."""
        if "bypass" not in tags:
            return TAG_BYPASS
        names = self._strings(tags, "tags", "bypass")
        if not names:
            raise self._wrong("tags.bypass", "names nobody, so nobody could tag a release", 'Write `bypass = ["admin"]`')
        for name in names:
            if not re.fullmatch(r"admin|maintain|[^\s/]+/[^\s/]+", name):
                raise self._wrong("tags.bypass", f"`{name}` is neither `admin` nor `maintain` nor a team as `org/team`")
        return names

    def _publisher(self, row: Value, where: str) -> DeclaredPublisher:
        table = self._table(row, where)
        self._known(table, where, DeclaredPublisher._fields)
        named = self._string(table, where, "provider", "github")
        if named not in (Provider.GITHUB, Provider.GITLAB):
            raise self._wrong(f"{where}.provider", f"`{named}` is not one of: github, gitlab")
        owner_id = table.get("owner_id", "")
        if isinstance(owner_id, int) and not isinstance(owner_id, bool):
            owner_id = str(owner_id)
        if not isinstance(owner_id, str) or not re.fullmatch(r"[0-9]*", owner_id):
            raise self._wrong(f"{where}.owner_id", 'must be the owner\'s number, such as `owner_id = "1234"`')
        return DeclaredPublisher(
            project=self._string(table, where, "project"),
            index=self._string(table, where, "index", "pypi"),
            provider=Provider(named),
            owner=self._string(table, where, "owner"),
            owner_id=owner_id,
            repository=self._string(table, where, "repository"),
            workflow=self._workflow(table, where, Provider(named)),
            environment=self._string(table, where, "environment", ""),
            issuer=self._string(table, where, "issuer", ""),
            path=self._path(table, where),
            pending=self._flag(table, where, "pending") or False,
            stated=self._day(table, where),
        )

    def _workflow(self, table: Table, where: str, provider: Provider) -> str:
        name = self._string(table, where, "workflow")
        if not name.endswith((".yml", ".yaml")):
            raise self._wrong(f"{where}.workflow", f"`{name}` must end in .yml or .yaml")
        if provider is Provider.GITHUB and "/" in name:
            short = name.rsplit("/", 1)[-1]
            raise self._wrong(f"{where}.workflow", f"`{name}` has folders", f"Give the file's name only: `{short}`")
        return name

    def _path(self, table: Table, where: str) -> str:
        path = self._string(table, where, "path", "")
        parts = [part for part in path.split("/") if part not in ("", ".")]
        if path.startswith("/") or ".." in parts or "\\" in path:
            raise self._wrong(f"{where}.path", f"`{path}` must be a folder below the repository's root, with `/`")
        return "/".join(parts)

    def _environment(self, name: str, table: Table) -> DeclaredEnvironment:
        where = f"environments.{name}"
        self._known(table, where, DeclaredEnvironment._fields[1:])
        wait = table.get("wait_minutes")
        if wait is not None and (not isinstance(wait, int) or isinstance(wait, bool) or not 0 <= wait <= LONGEST_WAIT):
            raise self._wrong(f"{where}.wait_minutes", f"must be a whole number of minutes from 0 to {LONGEST_WAIT}")
        bypass, apart = (self._flag(table, where, key) for key in ("admins_bypass", "prevent_self_review"))
        branches = self._patterns(table, where, "branches", "refs/heads/")
        tags = self._patterns(table, where, "tags", "refs/tags/")
        reviewers = self._reviewers(table, where)
        return DeclaredEnvironment(name, reviewers, wait, branches, tags, bypass, apart)

    def _reviewers(self, table: Table, where: str) -> tuple[str, ...]:
        names = self._strings(table, where, "reviewers")
        if len(names) > MOST_REVIEWERS:
            raise self._wrong(f"{where}.reviewers", f"GitHub takes {MOST_REVIEWERS} at most", "Name a team, as `org/team`")
        for name in names:
            if not re.fullmatch(r"[^\s/@]+(?:/[^\s/@]+)?", name):
                raise self._wrong(f"{where}.reviewers", f"`{name}` is neither a user nor a team as `org/team`, without `@`")
        return names

    def _patterns(self, table: Table, where: str, key: str, prefix: str) -> tuple[str, ...]:
        """Read patterns of branches or tags. A full ref would never match: GitHub compares the short name."""
        patterns = self._strings(table, where, key)
        for pattern in patterns:
            if pattern.startswith(prefix):
                short = pattern.removeprefix(prefix)
                raise self._wrong(f"{where}.{key}", f"`{pattern}` is a full ref", f"Write the short name: `{short}`")
        return patterns

    def _account(self, name: str, table: Table) -> DeclaredAccount:
        where = f"accounts.{name}"
        self._known(table, where, DeclaredAccount._fields[1:])
        return DeclaredAccount(name, self._string(table, where, "user", ""), self._day(table, where))

    def _flag(self, table: Table, where: str, key: str) -> bool | None:
        value = table.get(key)
        if value is not None and not isinstance(value, bool):
            raise self._wrong(f"{where}.{key}", "must be true or false")
        return value

    def _day(self, table: Table, where: str) -> str:
        """Read `stated`: a TOML date or the same in quotes."""
        value = table.get("stated", "")
        text = value if isinstance(value, str) else value.isoformat() if hasattr(value, "isoformat") else "?"
        if text and not (re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) and _is_day(text)):
            raise self._wrong(f"{where}.stated", "must be a day, such as `stated = 2026-11-22`")
        return text

    def _index(self, name: str, table: Table) -> DeclaredIndex:
        where = f"indexes.{name}"
        if name in PUBLIC_INDEXES:
            raise self._wrong(where, "this name always means PyPI's own index", "Choose another name")
        self._known(table, where, DeclaredIndex._fields[1:])
        url = self._string(table, where, "url")
        if not re.fullmatch(r"https?://[^\s/@?#]+(/[^\s?#]*)?", url):
            raise self._wrong(f"{where}.url", "must be an http or https address without user, password or query")
        return DeclaredIndex(name, url, self._string(table, where, "audience", ""))

    def _vars(self, top: Table) -> dict[str, str]:
        table = self._table(top.get("vars", {}), "vars")
        return {name: self._string(table, "vars", name) for name in table}

    def _index_exists(self, where: str, name: str, indexes: Mapping[str, DeclaredIndex]) -> None:
        known = (*PUBLIC_INDEXES, *indexes)
        if name not in known:
            hint = _nearest(name, known)
            step = f"Did you mean `{hint}`?" if hint else f"Declare it as `[indexes.{name}]` with its `url`"
            raise self._wrong(where, f"`{name}` is not declared", step)

    def _no_twins(self, environments: Mapping[str, DeclaredEnvironment]) -> None:
        seen: dict[str, str] = {}
        for name in environments:
            first = seen.setdefault(name.lower(), name)
            if first != name:
                raise self._wrong(f"environments.{name}", f"GitHub holds it for the same as `{first}`")

    def _tables(self, top: Table, key: str) -> Iterable[tuple[str, Table]]:
        table = self._table(top.get(key, {}), key)
        return [(name, self._table(value, f"{key}.{name}")) for name, value in table.items()]

    def _table(self, value: Value, where: str) -> Table:
        if not isinstance(value, dict):
            raise self._wrong(where, "must be a table")
        return cast("Table", value)

    def _string(self, table: Table, where: str, key: str, default: str | None = None) -> str:
        value = table.get(key, default)
        if value is None:
            raise self._wrong(f"{where}.{key}", "is missing", f'Write `{key} = "..."` there')
        if not isinstance(value, str):
            raise self._wrong(f"{where}.{key}", f"must be text in quotes, not {_kind(value)}")
        if not value and default is None and where != "vars":
            raise self._wrong(f"{where}.{key}", "is empty")
        return value

    def _strings(self, table: Table, where: str, key: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self._wrong(f"{where}.{key}", 'must be a list of texts, such as `["v*"]`')
        return tuple(cast("list[str]", value))

    def _known(self, table: Table, where: str, keys: Iterable[str]) -> None:
        known = tuple(keys)
        for key in table:
            if key not in known:
                hint = _nearest(key, known)
                step = f"Did you mean `{hint}`?" if hint else f"Keys: {', '.join(known)}"
                raise self._wrong(f"{where}.{key}" if where else key, "there is no such key", step)

    def _wrong(self, where: str, why: str, next_step: str = "") -> BadInput:
        return BadInput(f"{self.path}: {where}", why=why, next_step=next_step)


def _nearest(word: str, known: Iterable[str]) -> str | None:
    from difflib import get_close_matches

    return next(iter(get_close_matches(word.lower(), list(known), n=1, cutoff=0.5)), None)


def _kind(value: Value) -> str:
    for kind, words in ((bool, "true or false"), (int, "a number"), (float, "a number"), (list, "a list"), (dict, "a table")):
        if isinstance(value, kind):
            return words
    return "a date or time"


def _is_day(text: str) -> bool:
    """Whether the calendar has such a day."""
    from datetime import date

    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
