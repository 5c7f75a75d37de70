"""What `/api/v1` takes and answers, as JSON schemas: one for each thing, by the name that the OpenAPI document gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.publishers import FIELDS, Provider
from trustpub.domain.renames import NAMESPACE, OWNER, PROJECT, REPOSITORY, TAKEN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustpub.domain.claims import JSON

TEXT: JSON = {"type": "string"}
NUMBER: JSON = {"type": "integer"}
INSTANT: JSON = {"type": "number", "description": "Seconds since the epoch."}
FLAG: JSON = {"type": "boolean"}


def ref(name: str) -> JSON:
    """A schema of the document, by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def said(description: str, of: str = "string", **more: JSON) -> JSON:
    """A value with a sentence about it."""
    return {"type": of, "description": description, **more}


def listed(items: JSON) -> JSON:
    """A list."""
    return {"type": "array", "items": items}


def thing(properties: dict[str, JSON], required: Sequence[str] | None = None, description: str = "") -> JSON:
    """An object that has these keys and no others; all of them are there unless it is said which are."""
    keys: list[JSON] = [*(properties if required is None else required)]
    told: dict[str, JSON] = {"description": description} if description else {}
    return {"type": "object", **told, "required": keys, "properties": properties, "additionalProperties": False}


NAME = said("The project's name, in any spelling.")
ROW: JSON = {
    "type": "object",
    "description": "The publisher's fields by PyPI's row names; an empty value constrains nothing. "
    + "; ".join(f"{provider}: {', '.join(names)}" for provider, names in FIELDS.items())
    + "; oidc: any claims and their exact values.",
    "additionalProperties": {"type": "string", "maxLength": 1024},
    "maxProperties": 50,
}
PROVIDER: JSON = {"type": "string", "enum": [str(each) for each in Provider]}
ISSUER: JSON = {"type": ["string", "null"], "description": "The exact `iss` of its ID tokens; without it the provider's own."}
PENDING = said("The project does not exist yet: the first exchange makes it.", "boolean")
REFS: JSON = {
    "type": "array",
    "items": {"type": "string", "maxLength": 255},
    "maxItems": 20,
    "description": "Patterns of whole refs (`refs/tags/v*`), one of which the run's ref must be like; none: any ref.",
}
EVENTS: JSON = {
    "type": "array",
    "items": {"type": "string"},
    "description": "GitHub: which of pull_request, pull_request_target and workflow_run may publish.",
}
ROLE: JSON = {"type": "string", "enum": ["owner", "maintainer"]}
STATE: JSON = {"type": "string", "enum": ["active", "archived", "quarantined"]}

_IDENTITY: dict[str, JSON] = {"provider": PROVIDER, "publisher": ROW}
_HELD: dict[str, JSON] = {"refs": REFS, "allowed_events": EVENTS}
_MOVED: JSON = thing(
    {
        "what": {"type": "string", "enum": [OWNER, REPOSITORY, NAMESPACE, PROJECT, TAKEN]},
        "before": said("The name on record."),
        "now": said("The new name; of `taken` the number of the account that has the name."),
    },
    None,
    "A name that moved since its last accepted token.",
)
_PUBLISHER: dict[str, JSON] = {
    "id": said("Names this publisher of this project."),
    "project": NAME,
    "pending": PENDING,
    "user": said("Pending: who will own the project."),
    "expires": said("Pending: when it is removed unless it was used, in seconds since the epoch.", "integer"),
    "moved": listed(_MOVED),
    "taken": said("Pending: a project of this name exists, so that it can never make it.", "boolean"),
    "issuer": TEXT,
    **_IDENTITY,
    **_HELD,
}
_FILE: dict[str, JSON] = {
    "filename": TEXT,
    "version": TEXT,
    "sha256": TEXT,
    "size": NUMBER,
    "uploaded_by": said("The publisher or the user."),
    "uploaded": INSTANT,
}
_INVITATION: dict[str, JSON] = {
    "id": NUMBER,
    "project": NAME,
    "role": ROLE,
    "who": said("A user's name, or an address."),
    "by": said("Who invited."),
    "expires": NUMBER,
}
_NEXT = said("Ask again with this as `after` for what follows; not there when nothing does.")

SCHEMAS: dict[str, JSON] = {
    "Publisher": thing(
        _PUBLISHER, ["id", "project", "pending", "provider", "issuer", "publisher"], "A publisher of one project."
    ),
    "NewPublisher": thing(
        {"project": NAME, **_IDENTITY, "issuer": ISSUER, "pending": PENDING, **_HELD}, ["project", "provider", "publisher"]
    ),
    "Constraints": thing({"environment": said("Only where there was none."), **_HELD}, []),
    "Publishers": thing({"publishers": listed(ref("Publisher")), "next": _NEXT}, ["publishers"]),
    "Claims": thing({"claims": said("The payload of an ID token; nobody checks a signature.", "object")}),
    "Tested": thing(
        {
            "verdict": {"type": "string", "enum": ["accepted", "refused"]},
            "why": TEXT,
            "differences": listed(thing({"field": TEXT, "expected": {}, "got": {}})),
        }
    ),
    "Project": thing(
        {
            "name": NAME,
            "role": said("Your own: owner, maintainer, or empty."),
            "state": STATE,
            "reason": said("Of the state, for readers."),
            "version": said("The newest; empty: none."),
            "trusted_only": said("API tokens upload nothing to it.", "boolean"),
        }
    ),
    "Projects": thing(
        {"projects": listed(ref("Project")), "invitations": listed(ref("Invitation")), "next": _NEXT},
        ["projects", "invitations"],
    ),
    "ProjectChange": thing({"state": STATE, "reason": TEXT, "trusted_only": FLAG}, []),
    "Confirmation": thing({"confirm": said("What is about to go, typed.")}),
    "Event": thing({"kind": TEXT, "actor": TEXT, "at": INSTANT, "detail": {"type": "object"}}),
    "Events": thing({"events": listed(ref("Event"))}),
    "Person": thing({"user": TEXT, "full_name": TEXT, "role": ROLE, "you": FLAG}),
    "Role": thing({"role": ROLE}),
    "Invitation": thing(_INVITATION, None, "A role that was offered and not taken."),
    "NewInvitation": thing({"who": said("A user's name, or an address."), "role": ROLE}),
    "People": thing({"project": NAME, "people": listed(ref("Person")), "invitations": listed(ref("Invitation"))}),
    "File": thing(_FILE),
    "Release": thing({"version": TEXT, "yanked": FLAG, "reason": TEXT, "created": INSTANT, "files": listed(ref("File"))}),
    "Releases": thing({"releases": listed(ref("Release"))}),
    "Yank": thing({"reason": said("For readers.")}, []),
    "Reader": thing({"id": NUMBER, "issuer": TEXT, **_IDENTITY, **_HELD, "by": TEXT}, None, "An identity that may read."),
    "NewReader": thing({**_IDENTITY, "issuer": ISSUER, **_HELD}, ["provider", "publisher"]),
    "Readers": thing({"readers": listed(ref("Reader"))}),
    "Whoami": thing(
        {
            "user": TEXT,
            "admin": FLAG,
            "scope": {"type": "string", "enum": ["upload", "manage", "read"]},
            "project": {"type": ["string", "null"]},
            "expires": {"type": ["integer", "null"]},
        }
    ),
    "Refusal": thing(
        {
            "message": TEXT,
            "errors": {
                "type": "array",
                "minItems": 1,
                "items": thing({"code": TEXT, "description": TEXT, "field": said("What is wrong.")}, ["code", "description"]),
            },
        }
    ),
}
