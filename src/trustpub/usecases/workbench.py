"""The work bench of the controls: ordinary tokens and uploads, to be changed in one thing."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.domain.claims import JSON
    from trustpub.domain.publishers import Publisher
    from trustpub.parties.clients.distribution import Distribution
    from trustpub.parties.clients.port import Answer
    from trustpub.usecases.stage import Stage


class Trial(NamedTuple):
    """What the index answered to an attack, and to its twin."""

    attack: Answer
    twin: Answer


class NotHere(NamedTuple):
    """Why a control does not apply, and what that leaves open."""

    why: str


@dataclass(frozen=True, slots=True)
class Control:
    """One attack.

    `status` and `code` are PyPI's answer: for an exchange the error's code, for an upload the start of the reason. `meaning`
    says what somebody could do if it were accepted.
    """

    name: str
    status: int
    code: str
    meaning: str
    attempt: Callable[[Bench], Trial | NotHere]

    @property
    def is_upload(self) -> bool:
        """Whether the code is the start of an upload's reason."""
        return self.status != EXCHANGE_REFUSED


EXCHANGE_REFUSED = 422
"""The status of every refused exchange. Mirrors: warehouse/oidc/views.py @6b62157."""


class Bench:
    """Makes the twin of every attack: a token or an upload that the index accepts."""

    def __init__(
        self, stage: Stage, publisher: Publisher, neighbour: Publisher, neighbour_project: str, dist: Distribution
    ) -> None:
        self.stage = stage
        self.publisher = publisher
        self.neighbour = neighbour
        self.neighbour_project = neighbour_project
        self.dist = dist
        self.content = dist.path.read_bytes()
        self._ordinary = payload(stage.id_token())

    @property
    def audience(self) -> str:
        """The audience that the index expects."""
        return str(self._ordinary.get("aud", ""))

    def claims(self) -> dict[str, JSON]:
        """The job's claims as the issuer signs them, for a token that was never used: new id, new times."""
        now = int(self.stage.now())
        lifetime = self.lifetime
        return {**self._ordinary, "jti": str(uuid.uuid4()), "iat": now, "nbf": now - 2 * lifetime, "exp": now + lifetime}

    @property
    def lifetime(self) -> int:
        """Seconds for which the issuer's tokens live."""
        expires, issued = self._ordinary.get("exp"), self._ordinary.get("iat")
        return expires - issued if isinstance(expires, int) and isinstance(issued, int) else 300

    def exchange(self, token: str) -> Answer:
        """Post an ID token to the index."""
        return self.stage.wire.exchange(token)

    def against(self, attack: str, claims: dict[str, JSON]) -> Trial:
        """Try an attacking token first, then its twin: the same token id, so that even that does not differ."""
        refused = self.exchange(attack)
        return Trial(refused, self.exchange(self.stage.sign(claims)))

    def upload_token(self) -> str:
        """A fresh upload token of the job; empty when the index gives none."""
        return self.exchange(self.stage.sign(self.claims())).token

    def upload(self, token: str | None, content: bytes | None = None, *, digest: str = "") -> Answer:
        """Upload the release's own file, or other bytes under its name."""
        sent = self.content if content is None else content
        fields = self.dist.fields | {"sha256_digest": digest or hashlib.sha256(sent).hexdigest()}
        return self.stage.wire.upload(token, fields, self.dist.path.name, sent)


def payload(token: str) -> dict[str, JSON]:
    """The claims of a token that this rehearsal's own issuer signed."""
    segment = token.split(".")[1]
    values: JSON = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    return values if isinstance(values, dict) else {}


def segment(value: bytes | JSON) -> str:
    """One dot-separated part of a token: base64url without padding, of bytes or of JSON."""
    raw = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
