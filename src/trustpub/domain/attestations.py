"""Attestations (PEP 740): who must have signed a file that a publisher uploads, and what is wrong before any signature is read.

An attestation proves to third parties what the index knows for a moment only: which workflow uploaded this file. It counts when
its certificate was given to the very publisher whose upload token is used.
Mirrors: warehouse/attestations/services.py @6b62157.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from trustpub.domain.core_metadata import Problem
from trustpub.domain.publishers import DEFAULT_ISSUERS, Provider
from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from trustpub.domain.claims import JSON
    from trustpub.domain.publishers import Publisher

MOST = 2
"""Attestations of one file: one of each type that the index takes."""
MAX_NODES = 2_000
"""Values in one upload's attestations; a real one has about 30."""
MAX_DEPTH = 16

_NAMES = {
    Provider.GITHUB: "GitHub",
    Provider.GITLAB: "GitLab",
    Provider.GOOGLE: "Google",
    Provider.ACTIVESTATE: "ActiveState",
    Provider.OIDC: "OpenID Connect",
}
"""Providers as PyPI writes them."""


class Signer(NamedTuple):
    """Who must have signed: a publisher as the certificates of the signing service can name it.

    `kind` is GitHub, GitLab or Google. `repository` is `owner/name` (GitLab: the whole path), `workflow` a file name (GitLab: a
    path). `owner_id` is the number of the repository's owner, empty when the publisher does not tell it. `environment` is said
    in the provenance and nowhere in a certificate. Google's publishers have an `email` and nothing else.
    """

    kind: str
    issuer: str
    repository: str = ""
    workflow: str = ""
    environment: str = ""
    owner_id: str = ""
    email: str = ""


def signer_of(publisher: Publisher) -> Signer | None:
    """Who must have signed what this publisher uploads; None when the signing service gives such a publisher no certificate.

    The service knows each provider's own issuer. A GitHub or GitLab of somebody's own signs in there as nobody.
    """
    kind = publisher.provider
    if publisher.issuer != DEFAULT_ISSUERS.get(kind):
        return None
    if kind is Provider.GITHUB:
        return Signer(
            _NAMES[kind],
            publisher.issuer,
            f"{publisher.get('repository_owner')}/{publisher.get('repository_name')}",
            publisher.get("workflow_filename"),
            publisher.get("environment"),
            publisher.get("repository_owner_id"),
        )
    if kind is Provider.GITLAB:
        path = f"{publisher.get('namespace')}/{publisher.get('project')}"
        return Signer(_NAMES[kind], publisher.issuer, path, publisher.get("workflow_filepath"), publisher.get("environment"))
    if kind is Provider.GOOGLE:
        return Signer(_NAMES[kind], publisher.issuer, email=publisher.get("email"))
    return None


def attestations_problem(text: str, publisher: Publisher | None, *, required: bool) -> Problem | None:
    """What is wrong with the field of an upload before anybody looks at a signature; `publisher` is None for a person's token."""
    if not text:
        if required and publisher is not None:
            why = "This index requires attestations of uploads by Trusted Publishing"
            return _invalid(f"{why}, and there are none. Upload them with the file.")
        return None
    if publisher is None:
        return _invalid("Attestations are only supported when using Trusted Publishing")
    if signer_of(publisher) is None:
        return _invalid(f"Attestations are not currently supported with {_words(publisher)}")
    return _form_problem(text)


def _words(publisher: Publisher) -> str:
    name = _NAMES[publisher.provider]
    if publisher.issuer == DEFAULT_ISSUERS.get(publisher.provider):
        return f"{name} publishers"
    return f"{name} publishers of the issuer `{publisher.issuer}`: the signing service gives them no certificates"


def _form_problem(text: str) -> Problem | None:
    """Whether the field is a list of so many objects that a verifier can be given it."""
    try:
        value: JSON = json.loads(text)
    except (ValueError, RecursionError):
        return _invalid("Malformed attestations: the field is not JSON")
    if not isinstance(value, list):
        return _invalid("Malformed attestations: the field is not a list")
    if not value:
        return _invalid("Malformed attestations: an empty attestation set is not permitted")
    if len(value) > MOST:
        return _invalid(f"A maximum of {MOST} attestations per file are supported")
    if not _modest(value):
        return _invalid("Malformed attestations: they are nested too deeply, or hold too many values")
    return None


def _modest(value: JSON) -> bool:
    """Whether it is no deeper and no larger than an attestation can be."""
    level: list[JSON] = [value]
    seen = 0
    for _ in range(MAX_DEPTH):
        seen += len(level)
        if seen > MAX_NODES:
            return False
        below: list[JSON] = []
        for each in level:
            if isinstance(each, list):
                below += each
            elif isinstance(each, dict):
                below += each.values()
        if not below:
            return True
        level = below
    return False


def invalid_attestations(why: str) -> str:
    """The text of a refusal, with the start that clients and people know from PyPI."""
    return f"Invalid attestations supplied during upload: {why}"


def _invalid(why: str) -> Problem:
    return Problem("attestations", "invalid-attestations", invalid_attestations(why))
