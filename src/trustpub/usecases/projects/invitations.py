"""Invitations: a role is offered by name or by address, mailed as a link, and taken by whoever it was for, nobody else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trustpub.domain.tokens import digest
from trustpub.storage import accounts, invitations, projects
from trustpub.storage.events import Event, record
from trustpub.storage.links import add_link, use_link
from trustpub.storage.people import members
from trustpub.storage.throttles import Limit, count
from trustpub.usecases.not_done import NotDone, not_done
from trustpub.usecases.projects.mailing import tell, tell_owners
from trustpub.usecases.projects.principal import changing, signed_in

if TYPE_CHECKING:
    from trustpub.domain.claims import JSON
    from trustpub.storage.database import Connection
    from trustpub.storage.invitations import Offer
    from trustpub.storage.projects import Project
    from trustpub.usecases.accounts.caller import Caller
    from trustpub.usecases.projects.principal import Principal

INVITATION = "/invitations/"
"""The page that a mailed invitation leads to. Its secret is the field `token` of the query, which no log keeps."""
ROLES = ("owner", "maintainer")
DAYS = 7
"""For which an invitation is good."""
MOST = Limit(50, 86_400)
"""That one user sends a day: mail to strangers is a thing to be careful with."""
SECRET_BYTES = 32
LONGEST_ADDRESS = 254

GONE = not_done(404, "not-found", "This invitation is unknown, answered or too old. Ask for a new one.")


@dataclass(frozen=True, slots=True)
class Invitation:
    """A role that somebody was offered and has not accepted. `who` is a user's name or an address, `expires` in seconds."""

    id: int
    project: str
    role: str
    who: str
    by: str
    expires: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom somebody wants in which role; the secret of the link, and the address that it is taken at."""

    who: str
    role: str
    secret: str = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Addressee:
    """Who is invited: `user_id` is None for an address, `email` empty for a name whose address is not verified."""

    user_id: int | None
    email: str
    language: str


def invitation_of(offer: Offer) -> Invitation:
    """An offer as people see it."""
    return Invitation(offer.id, offer.project, offer.role, offer.user or offer.email, offer.by, offer.expires)


def role_problem(role: str) -> NotDone | None:
    """Why this is no role."""
    return None if role in ROLES else not_done(422, "invalid-field", "`role`: use `owner` or `maintainer`", "role")


def offer(connection: Connection, by: Principal, project: Project, wanted: Wanted, now: float) -> Invitation | NotDone:
    """Offer a role and mail the link. A second offer to the same person takes the first one's place.

    A name that nobody has is told, for names are public; whether an address has an account is not: it gets the same mail.
    """
    to = _addressee(connection, wanted.who, by.language)
    if isinstance(to, NotDone):
        return to
    user_id, email = to.user_id, to.email
    if any(user_id == each.user_id or (email and email == each.email.lower()) for each in members(connection, project.id)):
        return not_done(409, "has-role", f"`who`: `{wanted.who}` has a role in the project. Change it instead", "who")
    wait = count(connection, f"invite:{by.user_id}", MOST, now)
    if wait:
        why = "You have sent as many invitations as one may in a day. Try again later"
        return not_done(429, "too-many", why, retry_after=wait)
    for old in invitations.offers_of_project(connection, project.id, now):
        if (old.user_id, old.email) == (user_id, email):
            use_link(connection, old.id, now)
    expires = int(now) + DAYS * 86_400
    add_link(
        connection,
        digest(wanted.secret),
        invitations.KIND,
        email,
        now,
        expires,
        user_id=user_id,
        project_id=project.id,
        role=wanted.role,
        by=by.name,
    )
    detail: dict[str, JSON] = {"invited": wanted.who, "role": wanted.role}
    record(connection, Event("role:invited", by.name, now, detail, project.id, user_id))
    said = {"by": by.name, "role": wanted.role, "project": project.name, "days": str(DAYS), "link": wanted.address}
    tell(connection, [to], "invited", now, said)
    made = invitations.offer_by_digest(connection, digest(wanted.secret), now)
    return GONE if made is None else invitation_of(made)


def offered(connection: Connection, caller: Caller, link: str | int, now: float) -> tuple[Principal, Offer] | NotDone:
    """The offer behind a link, and who it is for: by name, or by the address that they have verified."""
    who = signed_in(connection, caller, now)
    if isinstance(who, NotDone):
        return who
    if isinstance(link, int):
        found = invitations.offer_by_id(connection, link, now)
    else:
        found = invitations.offer_by_digest(connection, digest(link), now)
    if found is None:
        return GONE
    if found.user_id == who.user_id or (found.user_id is None and who.email and found.email == who.email.lower()):
        return who, found
    if isinstance(link, int):
        return GONE  # an id is guessed easily: whom it is for stays untold
    why = "This invitation is for another account or address. Sign in with that account, or ask for an invitation of yours."
    return not_done(403, "not-yours", why)


def answer(connection: Connection, caller: Caller, link: str | int, now: float, *, accepted: bool) -> Invitation | NotDone:
    """Take the offered role, or refuse it; either way the link is used up."""
    ready = changing(connection, caller, now) if accepted else None
    if isinstance(ready, NotDone):
        return ready
    found = offered(connection, caller, link, now)
    if isinstance(found, NotDone):
        return found
    who, offer = found
    use_link(connection, offer.id, now)
    detail: dict[str, JSON] = {"user": who.name, "role": offer.role, "invited_by": offer.by}
    if not accepted:
        record(connection, Event("role:declined", who.name, now, detail, offer.project_id, who.user_id))
        return invitation_of(offer)
    if projects.role_of(connection, offer.project_id, who.user_id) is not None:
        return not_done(409, "has-role", f"You have a role in `{offer.project}` already. Nothing was changed.")
    projects.grant_role(connection, offer.project_id, who.user_id, offer.role)
    record(connection, Event("role:accepted", who.name, now, detail, offer.project_id, who.user_id))
    said = {"user": who.name, "by": offer.by, "role": offer.role, "project": offer.project}
    tell_owners(connection, offer.project_id, "role-accepted", now, said)
    return invitation_of(offer)


def _addressee(connection: Connection, who: str, language: str) -> _Addressee | NotDone:
    """Who is meant by a name, or by an address: whoever has no account there is written to in this language."""
    if "@" in who:
        local, _, domain = who.rpartition("@")
        if len(who) > LONGEST_ADDRESS or not local or "." not in domain or not who.isprintable() or " " in who:
            return not_done(422, "invalid-field", "`who`: this is no e-mail address", "who")
        owner = accounts.owner_of_email(connection, who)
        return _Addressee(None, who.lower(), language if owner is None else owner.language)
    user = accounts.find_user(connection, who)
    if user is None or not user.active:
        return not_done(
            404, "not-found", "`who`: there is no user of this name. Give an e-mail address to invite somebody", "who"
        )
    return _Addressee(user.id, user.email.lower() if user.email_verified else "", user.language)
