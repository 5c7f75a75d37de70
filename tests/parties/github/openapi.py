"""GitHub's own description of its API, as a judge of every call: `checked(send)` lets nothing pass that it does not know.

`./x fetch` brings the description; without it `checked` lets everything pass, and `test_openapi.py` says so by being skipped.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias, cast
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from jsonschema.exceptions import best_match
from jsonschema.protocols import Validator
from openapi_schema_validator import OAS30Validator, oas30_format_checker
from referencing import Registry
from referencing.jsonschema import DRAFT4

from trustpub.parties.wire import Request, Response, Send

JSON: TypeAlias = "str | int | float | bool | Sequence[JSON] | Mapping[str, JSON] | None"
Node: TypeAlias = Mapping[str, JSON]

CACHE = Path(__file__).resolve().parents[3] / ".cache"
MISSING = "GitHub's description of its API is not in .cache/; `./x fetch` brings it"

REPOSITORY = "/repos/{owner}/{repo}"
ENVIRONMENT = REPOSITORY + "/environments/{environment_name}"
_BYPASS = "Terraform's provider for GitHub sets and reads it (`can_admins_bypass`), as do google/go-github 2721 and 2727"
UNDOCUMENTED: Mapping[tuple[str, str], str] = {
    (f"GET {REPOSITORY}/environments", "can_admins_bypass"): _BYPASS,
    (f"GET {ENVIRONMENT}", "can_admins_bypass"): _BYPASS,
    (f"PUT {ENVIRONMENT}", "can_admins_bypass"): _BYPASS,
}
"""Keys that GitHub takes or gives and does not describe, by operation, each with its source."""
_SIGN_IN = "the page `Authenticating to the REST API`: bad or missing credentials are 401, too little permission is 403 or 404"
_RENAMED = "the page `Best practices for using the REST API`, under redirects"
SELECTED = REPOSITORY + "/actions/permissions/selected-actions"
_SELECTED = "the operation's own text: the policy has to be `selected`; that it is a conflict otherwise is known by report only"
UNDOCUMENTED_STATUS: Mapping[tuple[str, int], str] = {
    ("*", 301): _RENAMED + ": a renamed repository is 301 for reading",
    ("*", 307): _RENAMED + ": the same for everything else",
    ("*", 304): "the same page, under conditional requests",
    ("*", 400): "the page `API Versions` for a version that is none; `Troubleshooting the REST API` for a body that is not JSON",
    ("*", 401): _SIGN_IN,
    ("*", 403): _SIGN_IN + "; the page `Rate limits for the REST API`",
    ("*", 404): _SIGN_IN,
    ("*", 422): "the page `Troubleshooting the REST API`: validation failed",
    ("*", 429): "the page `Rate limits for the REST API`",
    (f"GET {SELECTED}", 409): _SELECTED,
    (f"PUT {SELECTED}", 409): _SELECTED,
    (f"GET {REPOSITORY}/actions/jobs/{{job_id}}/logs", 410): "actions/toolkit and gh read 410 as a log that is kept no more",
}
"""Statuses that GitHub answers with and describes for only some of the operations (`*`: it can happen to any)."""
BY_NUMBER = "the `Location` and `Link` headers of real answers: a repository is also found at /repositories/ID"


LOGS = ".actions.githubusercontent.com"
"""Where logs are kept: none of the API's hosts, so the description says nothing of it."""


class Differs(AssertionError):
    """A request or an answer that GitHub's description does not know."""


@dataclass
class Report:
    """What was seen: operations with their statuses, and the rows of the tables above that were needed."""

    operations: set[tuple[str, int]] = field(default_factory=set)
    undocumented: set[tuple[str, str]] = field(default_factory=set)
    statuses: set[tuple[str, int]] = field(default_factory=set)


class Description:
    """One description: it finds the operation of a call, and judges bodies against its schemas."""

    def __init__(self, content: Node) -> None:
        self._content = content
        self._registry = Registry[JSON]().with_resource("github:", DRAFT4.create_resource(content))
        paths = cast("Mapping[str, Node]", content["paths"])
        self.paths = {template: _pattern(template) for template in sorted(paths, key=lambda path: (path.count("{"), path))}

    @functools.cache  # noqa: B019 - one description lives as long as the process
    def operation(self, method: str, path: str) -> tuple[str, tuple[str, ...]]:
        """Find the template of a path, and the way to the operation inside the description."""
        for template, pattern in self.paths.items():
            if pattern.fullmatch(path) and method.lower() in self.at("paths", template):
                return template, ("paths", template, method.lower())
        raise Differs(f"GitHub describes no {method} {path}")

    def keys_of(self, method: str, path: str) -> list[str]:
        """The keys of the body that a call may have."""
        way = self.operation(method, path)[1]
        if "requestBody" not in self.at(*way):
            return []
        return [*cast("Node", self.at(*way, "requestBody", "content", "application/json", "schema")["properties"])]

    def at(self, *way: str | int) -> Node:
        """Go down a way, through references."""
        found: JSON = self._content
        for step in way:
            found = found[int(step)] if isinstance(found, list) else cast("Node", found)[str(step)]
            found = self.resolve(found) if isinstance(found, Mapping) else found
        return cast("Node", found)

    def resolve(self, node: Node) -> Node:
        """Follow a reference."""
        while isinstance(reference := node.get("$ref"), str):
            node = self.at(*(part.replace("~1", "/").replace("~0", "~") for part in reference.removeprefix("#/").split("/")))
        return node

    def mistakes(self, schema: Node, value: JSON) -> list[str]:
        """What a schema has against a value."""
        errors = list(self._validator(json.dumps(schema)).iter_errors(value))
        deepest = best_match(errors)
        return [f"{deepest.json_path}: {deepest.message[:300]}"] if deepest else []

    @functools.cache  # noqa: B019 - as above; the same few bodies come by thousands of times
    def judged(self, way: tuple[str, ...], raw: bytes, let_pass: frozenset[str]) -> tuple[frozenset[str], tuple[str, ...]]:
        """The keys of a body that the schema at a way does not name, and what it has against the body without those let pass."""
        schema, value = self.at(*way), json.loads(raw)
        strange = frozenset(self.strange_keys(schema, value))
        return strange, tuple(self.mistakes(schema, _without(value, strange & let_pass)))

    @functools.cache  # noqa: B019 - one description lives as long as the process
    def _validator(self, schema: str) -> Validator:
        absolute = json.loads(schema.replace('"#/', '"github:#/'))
        return cast("Validator", OAS30Validator(absolute, registry=self._registry, format_checker=oas30_format_checker))

    def strange_keys(self, schema: Node, value: JSON) -> Iterator[str]:
        """Name every key of a value that the schema does not name, even where it would let it pass."""
        if isinstance(value, str) or value is None:
            return
        nodes = list(self._spread(schema))
        if isinstance(value, Sequence):
            items = [cast("Node", node["items"]) for node in nodes if "items" in node]
            for each in value:
                yield from self.strange_keys({"anyOf": items}, each)
        elif isinstance(value, Mapping):
            known: dict[str, list[JSON]] = {}
            for node in nodes:
                for key, inner in cast("Node", node.get("properties", {})).items():
                    known.setdefault(key, []).append(inner)
            if not known or any(node.get("additionalProperties") for node in nodes):
                return
            for key, inner_value in value.items():
                if key in known:
                    yield from self.strange_keys({"anyOf": known[key]}, inner_value)
                else:
                    yield key

    def _spread(self, schema: Node) -> Iterator[Node]:
        node = self.resolve(schema)
        yield node
        for word in ("allOf", "anyOf", "oneOf"):
            for each in cast("Sequence[Node]", node.get(word, ())):
                yield from self._spread(each)


@functools.cache
def description(name: str = "api.github.com") -> Description | None:
    """Load a description (`api.github.com`, `ghes-3.17`), or None when it is not there."""
    path = CACHE / f"{name}.json"
    return Description(json.loads(path.read_bytes())) if path.exists() else None


described = pytest.mark.skipif(not (CACHE / "api.github.com.json").exists(), reason=MISSING)
"""Marks a test that is worth nothing without the description."""


def checked(send: Send, *, requests: bool = True, against: str = "api.github.com", report: Report | None = None) -> Send:
    """Wrap a `Send`: what GitHub's description does not know of a request or its answer raises `Differs`.

    With `requests=False` only answers are judged, for tests that ask wrongly on purpose. Requests to another host are let pass if
    an answer has led there, or if it is the host of the logs, and if they carry no credentials.
    """
    known = description(against)
    if known is None:
        return send
    seen, led = report or Report(), set[str]()

    def pass_on(request: Request) -> Response:
        if request.url in led or (urlsplit(request.url).hostname or "").endswith(LOGS):
            if any(name.lower() == "authorization" for name in request.headers):
                raise Differs(f"credentials went to another host: {urlsplit(request.url).hostname}")
            return send(request)
        path = re.sub("^/api/v3(?=/)", "", urlsplit(request.url).path)
        by_number = re.sub(r"^/repositories/\d+", "/repos/owner/name", path)
        template, way = known.operation(request.method, by_number)
        call = _Checked(known, f"{request.method} {template}", way, seen)
        if requests:
            call.check_request(request)
        response = send(request)
        call.check_response(response)
        if response.status == 302:
            led.add(response.headers["location"])
        return response

    return pass_on


@dataclass
class _Checked:
    """One operation, and what it says of a request and its answer."""

    known: Description
    name: str
    way: tuple[str, ...]
    report: Report

    def check_request(self, request: Request) -> None:
        """Judge the query and the body."""
        operation = self.known.at(*self.way)
        parameters = [self.known.resolve(cast("Node", each)) for each in cast("Sequence[JSON]", operation.get("parameters", []))]
        described = {str(each["name"]): cast("Node", each["schema"]) for each in parameters if each["in"] == "query"}
        for name, text in parse_qsl(urlsplit(request.url).query, keep_blank_values=True):
            if name not in described:
                raise Differs(f"{self.name}: there is no query `{name}`")
            self._raise(
                f"query `{name}`", self.known.mistakes(described[name], _typed(text, self.known.resolve(described[name])))
            )
        body = cast("Node | None", operation.get("requestBody"))
        if body is None:
            self._raise("request", ["a body where none is described"] if request.body else [])
        elif request.body or body.get("required"):
            self._check("request", (*self.way, "requestBody"), request.body)

    def check_response(self, response: Response) -> None:
        """Judge the status and the body."""
        responses = cast("Node", self.known.at(*self.way)["responses"])
        self.report.operations.add((self.name, response.status))
        if str(response.status) in responses:
            self._check(f"{response.status}", (*self.way, "responses", str(response.status)), response.body)
            return
        row = next((row for row in ((self.name, response.status), ("*", response.status)) if row in UNDOCUMENTED_STATUS), None)
        if row is None:
            raise Differs(f"{self.name}: status {response.status} is not described")
        self.report.statuses.add(row)
        if response.body:
            self._check_value(f"{response.status}", ("components", "schemas", "basic-error"), response.body)

    def _check(self, where: str, way: tuple[str, ...], raw: bytes) -> None:
        content = cast("Node", self.known.at(*way).get("content", {}))
        if "application/json" not in content:
            self._raise(where, [f"a body where none is described: {raw[:80]!r}"] if raw and where < "400" else [])
            return
        self._check_value(where, (*way, "content", "application/json", "schema"), raw or b"null")

    def _check_value(self, where: str, way: tuple[str, ...], raw: bytes) -> None:
        let_pass = frozenset(key for name, key in UNDOCUMENTED if name == self.name)
        strange, mistakes = self.known.judged(way, raw, let_pass)
        self.report.undocumented |= {(self.name, key) for key in strange & let_pass}
        self._raise(where, [f"`{key}` is not described" for key in sorted(strange - let_pass)])
        self._raise(where, mistakes)

    def _raise(self, where: str, mistakes: Sequence[str]) -> None:
        if mistakes:
            raise Differs("\n".join(f"{self.name}: {where}: {each}" for each in mistakes))


def _pattern(template: str) -> re.Pattern[str]:
    """A template as a pattern: a ref may have slashes, everything else is one segment."""
    parts = re.split(r"(\{[^}]*\})", template)
    many = {"{ref}", "{path}"} if "/git/" in template or "/contents/" in template else set[str]()
    return re.compile("".join((".+" if part in many else "[^/]+") if part.startswith("{") else re.escape(part) for part in parts))


def _typed(text: str, schema: Node) -> JSON:
    """A query's text as the value that its schema speaks of."""
    if schema.get("type") == "integer" and text.isdigit():
        return int(text)
    return {"true": True, "false": False}.get(text, text) if schema.get("type") == "boolean" else unquote(text)


def _without(value: JSON, keys: frozenset[str]) -> JSON:
    """A value without some keys, at any depth."""
    if isinstance(value, Mapping):
        return {key: _without(inner, keys) for key, inner in value.items() if key not in keys}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_without(each, keys) for each in value]
    return value
