"""Attacks with an ID token: each changes one thing of a token that would be accepted.

The codes are PyPI's. Mirrors: warehouse/oidc/views.py and services.py @6b62157.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING

from trustpub.domain.issuers import LEEWAY
from trustpub.record import NamedTuple
from trustpub.usecases.workbench import EXCHANGE_REFUSED, Bench, Control, NotHere, Trial, segment

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.domain.claims import JSON

    Claims = dict[str, JSON]

OPEN_WITHOUT_ENVIRONMENT = (
    "the publisher names no environment, so a job in any environment, or in none, is accepted: whoever can push a workflow "
    "of this name can publish, and no reviewer is asked"
)


class Ordinary(NamedTuple):
    """What an attack starts from: a bench and the claims of a token that it would accept."""

    bench: Bench
    claims: Claims

    def text(self, name: str) -> str:
        """One claim that is text in every ordinary token."""
        value = self.claims.get(name)
        return value if isinstance(value, str) else ""


def _changed(claim: str, change: Callable[[Ordinary], JSON]) -> Callable[[Bench], Trial]:
    """An attack whose token differs in one claim."""

    def attempt(bench: Bench) -> Trial:
        claims = bench.claims()
        return bench.against(bench.stage.sign({**claims, claim: change(Ordinary(bench, claims))}), claims)

    return attempt


def _only_with_environment(attempt: Callable[[Bench], Trial]) -> Callable[[Bench], Trial | NotHere]:
    def guarded(bench: Bench) -> Trial | NotHere:
        return attempt(bench) if bench.publisher.get("environment") else NotHere(OPEN_WITHOUT_ENVIRONMENT)

    return guarded


# The signature


def _alg_none(bench: Bench) -> Trial:
    claims = bench.claims()
    return bench.against(f"{segment({'alg': 'none', 'typ': 'JWT'})}.{segment(claims)}.", claims)


def _foreign_key(bench: Bench) -> Trial:
    claims = bench.claims()
    return bench.against(bench.stage.sign(claims, foreign=True), claims)


def _public_key_as_secret(bench: Bench) -> Trial:
    claims = bench.claims()
    kid = json.loads(_decoded(bench.stage.sign(claims).split(".")[0])).get("kid")
    signed = f"{segment({'alg': 'HS256', 'typ': 'JWT', 'kid': kid})}.{segment(claims)}"
    forged = hmac.new(bench.stage.public_key, signed.encode(), hashlib.sha256).digest()
    return bench.against(f"{signed}.{segment(forged)}", claims)


def _other_payload(bench: Bench) -> Trial:
    claims = bench.claims()
    header, _, signature = bench.stage.sign(claims).split(".")
    return bench.against(f"{header}.{segment({**claims, 'actor': 'somebody-else'})}.{signature}", claims)


def _unknown_key(bench: Bench) -> Trial:
    claims = bench.claims()
    return bench.against(bench.stage.sign(claims, header={"kid": "no-such-key"}), claims)


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


# Time and use


def _expired(bench: Bench) -> Trial:
    """The very same token, presented too late: the index's clock is moved, not the token."""
    token = bench.stage.sign(bench.claims())
    bench.stage.set_clock(bench.lifetime + LEEWAY + 30)
    try:
        late = bench.exchange(token)
    finally:
        bench.stage.set_clock(0)
    return Trial(late, bench.exchange(token))


def _replayed(bench: Bench) -> Trial:
    token = bench.stage.sign(bench.claims())
    first = bench.exchange(token)
    return Trial(bench.exchange(token), first)


# The claims


def _other_audience(token: Ordinary) -> JSON:
    return "testpypi" if token.bench.audience != "testpypi" else "pypi"


def _other_workflow(token: Ordinary) -> JSON:
    file = token.bench.publisher.get("workflow_filename")
    return token.text("job_workflow_ref").replace(f"/{file}@", f"/other-{file}@")


def _foreign_workflow(token: Ordinary) -> JSON:
    ours = token.text("repository")
    return token.text("job_workflow_ref").replace(f"{ours}/", "somebody-else/workflows/", 1)


def _other_environment(token: Ordinary) -> JSON:
    return f"{token.bench.publisher.get('environment')}-other"


def _later(token: Ordinary) -> JSON:
    return int(token.bench.stage.now()) + 3600


def _other_ref(token: Ordinary) -> JSON:
    return f"{token.text('job_workflow_ref').partition('@')[0]}@refs/heads/not-this-ref"


def _no_environment(bench: Bench) -> Trial:
    claims = bench.claims()
    without = {name: value for name, value in claims.items() if name != "environment"}
    return bench.against(bench.stage.sign(without), claims)


def _no_token_id(bench: Bench) -> Trial:
    claims = bench.claims()
    return bench.against(bench.stage.sign({name: value for name, value in claims.items() if name != "jti"}), claims)


def _owner_in_other_case(bench: Bench) -> Trial | NotHere:
    owner = bench.publisher.get("repository_owner")
    if owner.swapcase() == owner:
        return NotHere("the owner's name has no letter")
    return _changed("repository_owner", lambda token: token.text("repository_owner").swapcase())(bench)


def _refused(name: str, code: str, meaning: str, attempt: Callable[[Bench], Trial | NotHere]) -> Control:
    return Control(name, EXCHANGE_REFUSED, code, meaning, attempt)


_FORGED = "anybody could write tokens"

EXCHANGE_CONTROLS: tuple[Control, ...] = (
    _refused("alg none", "invalid-token", _FORGED, _alg_none),
    _refused("foreign key", "invalid-token", _FORGED, _foreign_key),
    _refused("expired", "invalid-token", "a token found in an old log would publish", _expired),
    _refused("other audience", "invalid-token", "a token for another index would publish here", _changed("aud", _other_audience)),
    _refused("replayed token", "invalid-reuse-token", "a token that leaked after its use would publish", _replayed),
    _refused(
        "other repository",
        "invalid-publisher",
        "any repository could publish",
        _changed("repository", lambda token: f"{token.text('repository')}-copy"),
    ),
    _refused(
        "same names, other owner id",
        "invalid-publisher",
        "whoever takes over a given-up account name could publish",
        _changed("repository_owner_id", lambda token: f"{token.text('repository_owner_id')}0"),
    ),
    _refused(
        "other workflow file",
        "invalid-publisher",
        "any workflow of the repository could publish",
        _changed("job_workflow_ref", _other_workflow),
    ),
    _refused(
        "missing environment",
        "invalid-publisher",
        "a job could publish without the environment's reviewers",
        _only_with_environment(_no_environment),
    ),
    _refused(
        "other environment",
        "invalid-publisher",
        "a job in an unprotected environment could publish",
        _only_with_environment(_changed("environment", _other_environment)),
    ),
    _refused(
        "pull_request_target",
        "invalid-publisher",
        "a stranger's pull request could publish",
        _changed("event_name", lambda _token: "pull_request_target"),
    ),
    _refused(
        "reusable workflow of another repository",
        "invalid-publisher",
        "a workflow that others can change could publish",
        _changed("job_workflow_ref", _foreign_workflow),
    ),
)

EXCHANGE_THOROUGH: tuple[Control, ...] = (
    _refused("public key as HS256 secret", "invalid-token", _FORGED, _public_key_as_secret),
    _refused("payload changed after signing", "invalid-token", _FORGED, _other_payload),
    _refused("unknown key id", "invalid-token", _FORGED, _unknown_key),
    _refused(
        "audience as a list",
        "invalid-token",
        "a token for many audiences would publish",
        _changed("aud", lambda token: [token.bench.audience]),
    ),
    _refused(
        "audience with a suffix",
        "invalid-token",
        "a token for another index would publish",
        _changed("aud", lambda token: f"{token.bench.audience}."),
    ),
    _refused(
        "issuer with a trailing slash",
        "invalid-payload",
        "an issuer of nearly the same name could sign",
        _changed("iss", lambda token: f"{token.text('iss')}/"),
    ),
    _refused(
        "not valid yet",
        "invalid-token",
        "a token would live longer than it says",
        _changed("nbf", _later),
    ),
    _refused("no token id", "invalid-publisher", "a token could be used again and again", _no_token_id),
    _refused("owner in another case", "invalid-publisher", "a look-alike account could publish", _owner_in_other_case),
    _refused(
        "other owner name",
        "invalid-publisher",
        "another account could publish",
        _changed("repository_owner", lambda token: f"{token.text('repository_owner')}-inc"),
    ),
    _refused(
        "workflow at another ref",
        "invalid-publisher",
        "a workflow from an unreviewed branch could publish",
        _changed("job_workflow_ref", _other_ref),
    ),
)
