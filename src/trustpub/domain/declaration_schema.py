"""The JSON Schema of `trustpub.toml`, for editors: what a schema can say of what the parser asks.

It is made of the parser's own records, so a key that one of them has and the other lacks is an error here. What needs two places
of the file (an index that is declared, environments that differ only in case) is left to the parser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.declaration import (
    LONGEST_WAIT,
    MOST_REVIEWERS,
    PUBLIC_INDEXES,
    DeclaredAccount,
    DeclaredEnvironment,
    DeclaredIndex,
    DeclaredPublisher,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    Schema: TypeAlias = "dict[str, object]"

TEXT: Schema = {"type": "string"}
NAME: Schema = {"type": "string", "minLength": 1}
FLAG: Schema = {"type": "boolean"}
DAY: Schema = {"type": "string", "pattern": "^(\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01]))?$"}


def _patterns(prefix: str) -> Schema:
    return {"type": "array", "items": {"type": "string", "minLength": 1, "pattern": f"^(?!{prefix})"}}


BRANCHES, TAGS = _patterns("refs/heads/"), _patterns("refs/tags/")
FILE: Schema = {"type": "string", "pattern": "\\.ya?ml$"}

PUBLISHER: dict[str, Schema] = {
    "project": NAME,
    "index": {"type": "string", "minLength": 1, "default": "pypi"},
    "provider": {"enum": ["github", "gitlab"], "default": "github"},
    "owner": NAME,
    "owner_id": {"anyOf": [{"type": "string", "pattern": "^[0-9]*$"}, {"type": "integer", "minimum": 0}]},
    "repository": NAME,
    "workflow": FILE,
    "environment": TEXT,
    "issuer": TEXT,
    "path": {"type": "string", "pattern": "^(?!/)(?!(.*/)?\\.\\.(/|$))[^\\\\]*$"},
    "pending": FLAG,
    "stated": DAY,
}
ENVIRONMENT: dict[str, Schema] = {
    "reviewers": {
        "type": "array",
        "items": {"type": "string", "pattern": "^[^\\s/@]+(/[^\\s/@]+)?$"},
        "maxItems": MOST_REVIEWERS,
    },
    "wait_minutes": {"type": "integer", "minimum": 0, "maximum": LONGEST_WAIT},
    "branches": BRANCHES,
    "tags": TAGS,
    "admins_bypass": FLAG,
    "prevent_self_review": FLAG,
}
INDEX: dict[str, Schema] = {
    "url": {"type": "string", "pattern": "^https?://[^\\s/@?#]+(/[^\\s?#]*)?$"},
    "audience": TEXT,
}
ACCOUNT: dict[str, Schema] = {"user": TEXT, "stated": DAY}
PASSING: Schema = {
    "type": "array",
    "items": {"type": "string", "pattern": "^(admin|maintain|[^\\s/]+/[^\\s/]+)$"},
    "minItems": 1,
    "default": ["admin"],
}


def schema() -> Schema:
    """Build the schema of a whole file. Raises `KeyError` for a key of the parser that has none here."""
    publisher = _table(PUBLISHER, DeclaredPublisher._fields, required=("project", "owner", "repository", "workflow"))
    publisher["if"] = {"properties": {"provider": {"const": "gitlab"}}, "required": ["provider"]}
    publisher["else"] = {"properties": {"workflow": {"pattern": "^[^/]*\\.ya?ml$"}}}
    environment = _table(ENVIRONMENT, DeclaredEnvironment._fields[1:])
    index = _table(INDEX, DeclaredIndex._fields[1:], required=("url",))
    account = _table(ACCOUNT, DeclaredAccount._fields[1:])
    tables = {
        "publisher": {"type": "array", "items": publisher},
        "environments": {"type": "object", "additionalProperties": environment},
        "tags": _table({"protect": TAGS, "bypass": PASSING}, ("protect", "bypass")),
        "indexes": {
            "type": "object",
            "propertyNames": {"not": {"enum": list(PUBLIC_INDEXES)}},
            "additionalProperties": index,
        },
        "accounts": {"type": "object", "additionalProperties": account},
        "attestations": _table({"required": FLAG}, ("required",)),
        "vars": {"type": "object", "additionalProperties": TEXT},
    }
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "trustpub.toml"}
    return {**head, "type": "object", "properties": tables, "additionalProperties": False}


def _table(keys: dict[str, Schema], names: Iterable[str], required: tuple[str, ...] = ()) -> Schema:
    properties = {name: dict(keys[name]) for name in names}
    made: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**made, "required": list(required)} if required else made
