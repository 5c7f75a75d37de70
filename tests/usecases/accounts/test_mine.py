"""What a person sees and changes of their own: sessions, API tokens, profile, log; and what administrators may."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.domain.samples import github
from tests.usecases.accounts.people import ELSEWHERE, GOOD, HOME, People, began, code, token_of
from trustpub.domain.tokens import API_PREFIX, digest, parse
from trustpub.storage import publishers
from trustpub.storage.accounts import User, find_api_token, user_by_id
from trustpub.storage.projects import create_project
from trustpub.usecases.accounts import Caller
from trustpub.usecases.accounts.api_tokens import NewToken


def made(answer: object) -> NewToken:
    """A token, which it must be."""
    assert isinstance(answer, NewToken), answer
    return answer


def test_sessions_are_listed_and_ended(people: People) -> None:
    """With their address, their agent and their times; another's are not mine to end."""
    people.person()
    people.person("eve")
    first, second, eve = people.signed_in(), people.signed_in(address=ELSEWHERE), people.signed_in("eve")
    listed = people.accounts.sessions.listed(first)
    assert [(second.session_id, ELSEWHERE, False), (first.session_id, HOME, True)] == [
        (row.id, row.address, row.current) for row in listed
    ]
    assert {"a browser"} == {row.agent for row in listed}
    assert code(people.accounts.sessions.end(first, eve.session_id)) == "not-found"
    assert people.accounts.sessions.end(first, second.session_id) is None
    assert code(people.accounts.sessions.end(second, first.session_id)) == "sign-in-first"
    people.signed_in()
    assert people.accounts.sessions.end_others(first) is None
    assert [first.session_id] == [row.id for row in people.accounts.sessions.listed(first)]
    assert [eve.session_id] == [row.id for row in people.accounts.sessions.listed(eve)]


def test_an_agent_is_kept_as_it_may_be_shown(people: People) -> None:
    """Short, and without anything that a terminal or a log obeys."""
    people.person()
    agent = "a\x1b[2J\r\nb\ud800" + "c" * 1000
    session = began(people.accounts.sign_in.password("ada", GOOD, HOME, agent))
    (row,) = people.accounts.sessions.listed(people.caller(session))
    assert ("a?[2J??b?", 200) == (row.agent[:9], len(row.agent))


def test_tokens_are_shown_once(people: People) -> None:
    """They work at once, are listed without their text, and are worthless when they are revoked."""
    user = people.person()
    caller = people.signed_in()
    token = made(people.accounts.api_tokens.create(caller, {"description": " ci ", "scope": "upload", "days": "7"}))
    assert parse(token.text) is not None
    assert token.text.startswith(API_PREFIX)
    assert token.text not in repr(token)
    row = people.see(lambda connection: find_api_token(connection, digest(token.text)))
    assert row is not None
    assert (user.id, "upload", None, int(people.now) + 7 * 86_400) == (row.user_id, row.scope, row.project_id, row.expires)
    assert (token.row,) == people.accounts.api_tokens.listed(caller)
    assert (token.row.description, token.row.project) == ("ci", None)
    assert people.accounts.api_tokens.revoke(caller, token.row.id) is None
    assert people.see(lambda connection: find_api_token(connection, digest(token.text))) is None
    assert code(people.accounts.api_tokens.revoke(caller, token.row.id)) == "not-found"
    assert ["api-token:created", "api-token:revoked"] == people.events(user)[-2:]
    assert token.text not in str(people.log())


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"description": ""}, "invalid-description"),
        ({"description": "a" * 101}, "invalid-description"),
        ({"description": "a\x00"}, "invalid-description"),
        ({"scope": ""}, "invalid-scope"),
        ({"scope": "admin"}, "invalid-scope"),
        ({"days": "0"}, "invalid-days"),
        ({"days": "-1"}, "invalid-days"),
        ({"days": "9999"}, "invalid-days"),
        ({"days": "\uff11"}, "invalid-days"),
        ({"days": "1e3"}, "invalid-days"),
        ({"project": "nothing"}, "unknown-project"),
        ({"project": "eves"}, "unknown-project"),
        ({"project": "\x00"}, "unknown-project"),
        ({"project": "shared", "scope": "manage"}, "not-allowed"),
        ({"project": "shared"}, ""),
        ({"project": "Mine", "scope": "manage"}, ""),
        ({"description": "there"}, "description-taken"),
    ],
)
def test_what_tokens_may_be(people: People, wrong: dict[str, str], expected: str) -> None:
    """For one project that is one's own, by the role one has in it."""
    from sqlalchemy import insert

    from trustpub.storage.tables import roles

    ada, eve = people.person(), people.person("eve")
    people.do(lambda connection: create_project(connection, "mine", people.now, ada.id))
    people.do(lambda connection: create_project(connection, "eves", people.now, eve.id))
    shared = people.do(lambda connection: create_project(connection, "shared", people.now, eve.id))
    row = {"project_id": shared.id, "user_id": ada.id, "role": "maintainer"}
    people.do(lambda connection: connection.execute(insert(roles), row).rowcount)
    caller = people.signed_in()
    made(people.accounts.api_tokens.create(caller, {"description": "there", "scope": "read"}))
    answer = people.accounts.api_tokens.create(caller, {"description": "ci", "scope": "upload", **wrong})
    assert expected == ("" if isinstance(answer, NewToken) else code(answer))


def test_tokens_are_their_owners(people: People) -> None:
    """Another person can neither see nor revoke one, and a strict index asks for a second factor first."""
    people.person()
    people.person("eve")
    mine, eve = people.signed_in(), people.signed_in("eve")
    token = made(people.accounts.api_tokens.create(mine, {"description": "ci", "scope": "upload"}))
    assert people.accounts.api_tokens.listed(eve) == ()
    assert code(people.accounts.api_tokens.revoke(eve, token.row.id)) == "not-found"


def test_tokens_need_a_second_factor_where_it_is_asked_for(strict: People) -> None:
    """And get one made with it."""
    strict.person()
    caller = strict.signed_in()
    form = {"description": "ci", "scope": "upload"}
    assert code(strict.accounts.api_tokens.create(caller, form)) == "second-factor-first"
    strict.authenticator(caller)
    made(strict.accounts.api_tokens.create(caller, form))


def test_a_profile(people: People) -> None:
    """What is given is changed, the rest stays; nothing is recorded when nothing changed."""
    user = people.person()
    caller = people.signed_in()
    change = people.accounts.profile.change
    assert change(caller, {"full_name": " Ada L. ", "language": "ko"}) is None
    assert change(caller, {"full_name": "Ada L."}) is None
    assert change(caller, {}) is None
    now = people.see(lambda connection: user_by_id(connection, user.id))
    assert now is not None
    assert ("Ada L.", "ko", "ada@example.org") == (now.full_name, now.language, now.email)
    assert code(change(caller, {"language": "tlh"})) == "invalid-language"
    assert code(change(caller, {"full_name": "http://x"})) == "invalid-full-name"
    assert 1 == people.events(user).count("account:profile-changed")


def test_a_new_address_counts_once_it_is_verified(people: People) -> None:
    """The old one is told twice: when it is asked for, and when it is done."""
    user = people.person()
    caller = people.signed_in()
    assert code(people.accounts.profile.change(caller, {"email": "nothing"})) == "invalid-email"
    assert people.accounts.profile.change(caller, {"email": "ada@new.example"}) is None
    told, link = people.mails()
    assert ("ada@example.org", "ada@new.example") == (told.recipient, link.recipient)
    assert "token=" not in told.body
    assert people.caller(people.session()).user.email == "ada@example.org"
    verified = people.accounts.registration.verify(token_of(link))
    assert isinstance(verified, User)
    assert ("ada@new.example", True) == (verified.email, verified.email_verified)
    assert people.mails()[-1].recipient == "ada@example.org"
    assert people.events(user)[-1] == "account:email-changed"


def test_another_persons_address_is_not_to_be_had(people: People) -> None:
    """The answer is the same; the other is told, and there is no link."""
    people.person()
    people.person("eve")
    caller = people.signed_in("eve")
    assert people.accounts.profile.change(caller, {"email": "ADA@example.org"}) is None
    told, taken = people.mails()
    assert ("eve@example.org", "ada@example.org") == (told.recipient, taken.recipient)
    assert all("?token=" not in mail.body for mail in people.mails())


def test_a_new_address_needs_proof(people: People) -> None:
    """A name and a language do not."""
    people.person()
    caller = people.signed_in()
    people.now += 1801
    assert code(people.accounts.profile.change(caller, {"email": "ada@new.example"})) == "prove-it-is-you"
    assert people.accounts.profile.change(caller, {"language": "en"}) is None


def test_a_mistyped_first_address_can_be_mended(strict: People) -> None:
    """Nobody can verify it, and a second factor cannot be asked for before."""
    strict.person(verified=False)
    assert strict.accounts.profile.change(strict.signed_in(), {"email": "ada@right.example"}) is None
    assert isinstance(strict.accounts.registration.verify(strict.token()), User)


def test_a_log_is_its_owners(people: People) -> None:
    """The newest first, and nothing of anybody else."""
    people.person()
    people.person("eve")
    mine, eve = people.signed_in(), people.signed_in("eve")
    people.accounts.profile.change(mine, {"language": "ko"})
    assert ["account:profile-changed", "account:signed-in"] == [event.kind for event in people.accounts.log.of(mine)]
    assert ["account:signed-in"] == [event.kind for event in people.accounts.log.of(eve)]
    assert 1 == len(people.accounts.log.of(mine, 1))


def test_administrators_close_and_open(people: People) -> None:
    """Sessions, tokens and pending publishers end with it, and opening brings none back; one's own account stays."""
    admin, user = people.person("root1", admin=True), people.person()
    caller, other = people.signed_in("root1"), people.session()
    token = made(people.accounts.api_tokens.create(people.caller(other), {"description": "ci", "scope": "upload"}))
    people.accounts.passwords.forgot("ada@example.org", HOME)
    secret = people.token()
    people.do(lambda connection: publishers.add_pending(connection, github(), "orchay", user.id, people.now))
    people.do(lambda connection: publishers.add_pending(connection, github(), "other", admin.id, people.now))
    assert people.accounts.administration.set_active(caller, user.id, active=False) is None
    assert ["other"] == [row.project for row in people.see(publishers.all_pending)]
    assert people.accounts.sign_in.caller(other.cookie, HOME) is None
    assert people.accounts.administration.set_active(caller, user.id, active=True) is None
    assert people.accounts.sign_in.caller(other.cookie, HOME) is None
    assert people.see(lambda connection: find_api_token(connection, digest(token.text))) is None
    assert code(people.accounts.passwords.reset_of(secret)) == "link-over"
    assert code(people.accounts.administration.set_active(caller, admin.id, active=False)) == "own-account"
    assert code(people.accounts.administration.set_active(caller, 99, active=False)) == "not-found"
    assert ["pending-publisher:removed", "account:closed", "account:opened"] == people.events(user)[-3:]
    assert {"root1"} == {event.actor for event in people.log(user)[-3:]}
    users = people.accounts.administration.users(caller)
    assert isinstance(users, tuple)
    assert ["ada", "root1"] == [each.name for each in users]
    waiting = people.accounts.administration.mails_waiting(caller)
    assert waiting == len(people.mails())


ADMINISTRATION: list[Callable[[People, Caller], object]] = [
    lambda people, caller: people.accounts.administration.users(caller),
    lambda people, caller: people.accounts.administration.mails_waiting(caller),
    lambda people, caller: people.accounts.administration.set_active(caller, 1, active=False),
    lambda people, caller: people.accounts.registration.invite(caller, "x@example.org"),
]


@pytest.mark.parametrize("act", ADMINISTRATION)
def test_others_administer_nothing(people: People, act: Callable[[People, Caller], object]) -> None:
    """Whatever the caller's value says: the database is asked."""
    from dataclasses import replace

    people.person()
    caller = people.signed_in()
    forged = replace(caller, user=replace(caller.user, admin=True))
    assert code(act(people, forged)) == "not-admin"
    people.accounts.sign_in.sign_out(caller)
    assert code(act(people, forged)) == "sign-in-first"
