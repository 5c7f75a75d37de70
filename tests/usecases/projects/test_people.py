"""The people of a project: nobody gets a role unasked, and the last owner stays."""

from __future__ import annotations

from tests.usecases.projects.town import Town, code
from trustpub.usecases.not_done import NotDone
from trustpub.usecases.projects.invitations import Invitation


def secret_of(here: Town) -> str:
    """The secret in the newest mail that holds an invitation."""
    body = [text for _, _, text in here.mails() if "/invitations/?token=" in text][-1]
    return body.partition("/invitations/?token=")[2].split()[0]


def test_an_invitation_is_mailed_and_taken_by_its_link(here: Town) -> None:
    """An owner offers a role, the mail holds the link, and whoever it was for has the role afterwards; once."""
    ann, bob = here.person("ann"), here.person("bob")
    here.project("orchay", ann)
    offered = here.projects.people.invite(ann, "Orchay", "bob", "maintainer")
    assert isinstance(offered, Invitation)
    assert ("orchay", "maintainer", "bob", "ann") == (offered.project, offered.role, offered.who, offered.by)
    secret = secret_of(here)
    assert offered == here.projects.people.accept(bob, secret)
    assert "not-found" == code(here.projects.people.accept(bob, secret))
    listed = here.projects.people.listed(bob, "orchay")
    assert not isinstance(listed, NotDone)
    assert [("ann", "owner", False), ("bob", "maintainer", True)] == [(p.user, p.role, p.you) for p in listed.people]
    assert ["role:invited", "role:accepted"] == [event.kind for event in here.events("orchay")]
    assert all(secret not in str(event) for event in here.events())


def test_an_invitation_by_address_is_for_whoever_verified_it(here: Town) -> None:
    """A link that was mailed to an address is worth nothing to another account, and nothing to one that verified none."""
    ann, bob, eve = here.person("ann"), here.person("bob"), here.person("eve")
    late = here.person("late", verified=False)
    here.project("orchay", ann)
    here.projects.people.invite(ann, "orchay", "BOB@example.org", "owner")
    secret = secret_of(here)
    assert "not-yours" == code(here.projects.people.invitation(eve, secret))
    assert "not-yours" == code(here.projects.people.accept(eve, secret))
    here.projects.people.invite(ann, "orchay", "late@example.org", "owner")
    assert "not-yours" == code(here.projects.people.decline(late, secret_of(here)))
    mine = here.projects.mine(bob)
    assert not isinstance(mine, NotDone)
    (shown,) = mine.invitations
    assert "not-found" == code(here.projects.people.accept(eve, shown.id))
    assert shown == here.projects.people.accept(bob, shown.id)
    assert "" == code(here.projects.switches.trusted_only(bob, "orchay", on=True))


def test_an_answered_cancelled_or_old_invitation_is_worth_nothing(here: Town) -> None:
    """Declining, cancelling, inviting again and seven days all end a link."""
    ann, bob = here.person("ann"), here.person("bob")
    here.project("orchay", ann)
    people = here.projects.people
    people.invite(ann, "orchay", "bob", "owner")
    people.decline(bob, secret_of(here))
    assert "not-found" == code(people.accept(bob, secret_of(here)))
    offered = people.invite(ann, "orchay", "bob", "owner")
    assert isinstance(offered, Invitation)
    people.cancel(ann, "orchay", offered.id)
    assert "not-found" == code(people.accept(bob, offered.id))
    people.invite(ann, "orchay", "bob", "owner")
    first = secret_of(here)
    people.invite(ann, "orchay", "bob", "maintainer")
    assert "not-found" == code(people.accept(bob, first))
    here.now += 7 * 86_400
    assert "not-found" == code(people.decline(bob, secret_of(here)))


def test_an_invitation_ends_with_the_right_to_give_it(here: Town) -> None:
    """Whoever was an owner leaves nothing behind that makes others owners."""
    ann, bob = here.person("ann"), here.person("bob")
    here.person("eve")
    here.project("orchay", ann, bob)
    people = here.projects.people
    people.change_role(ann, "orchay", "bob", "owner")
    for end in (
        lambda: people.change_role(ann, "orchay", "bob", "maintainer"),
        lambda: people.remove(ann, "orchay", "bob"),
        lambda: here.close("bob"),
    ):
        here.give("orchay", "bob", "owner")
        people.invite(ann, "orchay", "mia@example.org", "maintainer")
        assert "" == code(people.invite(bob, "orchay", "eve", "owner"))
        assert "" == code(end())
        listed = people.listed(ann, "orchay")
        assert not isinstance(listed, NotDone)
        assert ["mia@example.org"] == [each.who for each in listed.invitations]


def test_an_owner_whose_account_is_closed_is_no_other_owner(here: Town) -> None:
    """Nobody could do anything with the project any more."""
    ann, bob = here.person("ann"), here.person("bob")
    here.project("orchay", ann, bob)
    here.give("orchay", "bob", "owner")
    here.close("bob")
    assert "last-owner" == code(here.projects.people.leave(ann, "orchay"))
    assert "" == code(here.projects.people.remove(ann, "orchay", "bob"))


def test_the_last_owner_stays(here: Town) -> None:
    """A project always has an owner: the last one neither leaves nor is removed nor becomes a maintainer."""
    ann, bob = here.person("ann"), here.person("bob")
    here.project("orchay", ann, bob)
    people = here.projects.people
    assert "last-owner" == code(people.leave(ann, "orchay"))
    assert "last-owner" == code(people.remove(ann, "orchay", "ann"))
    assert "last-owner" == code(people.change_role(ann, "orchay", "ann", "maintainer"))
    assert "" == code(people.change_role(ann, "orchay", "bob", "owner"))
    assert "" == code(people.leave(ann, "orchay"))
    assert "last-owner" == code(people.leave(bob, "orchay"))
    assert "not-member" == code(people.listed(ann, "orchay"))


def test_after_a_transfer_nobody_else_has_a_right(here: Town) -> None:
    """Roles, invitations and the tokens of all others are gone; the new owner must have agreed to be there."""
    ann, bob, eve = here.person("ann"), here.person("bob"), here.person("eve")
    here.project("orchay", ann, bob)
    people, manage = here.projects.people, here.token(ann, "manage")
    only = here.token(ann, "manage", "orchay")
    people.invite(ann, "orchay", "eve", "owner")
    assert "not-confirmed" == code(people.transfer(ann, "orchay", "bob", "orchy"))
    assert "invite-first" == code(people.transfer(ann, "orchay", "eve", "orchay"))
    assert "" == code(people.transfer(ann, "orchay", "bob", "orchay"))
    assert "not-member" == code(people.listed(ann, "orchay"))
    assert "not-owner" == code(here.projects.log.of(ann, "orchay"))
    assert "not-owner" == code(here.projects.releases.yank(manage, "orchay", "1.0"))
    assert "invalid-token" == code(here.projects.releases.yank(only, "orchay", "1.0"))
    assert "not-found" == code(people.accept(eve, secret_of(here)))
    listed = people.listed(bob, "orchay")
    assert not isinstance(listed, NotDone)
    assert [("bob", "owner")] == [(each.user, each.role) for each in listed.people]


def test_a_member_cannot_be_invited_again_and_a_strange_role_is_named(here: Town) -> None:
    """What is wrong with an invitation is said of its field."""
    ann = here.person("ann")
    here.project("orchay", ann)
    people = here.projects.people
    assert "has-role" == code(people.invite(ann, "orchay", "ann", "owner"))
    assert "has-role" == code(people.invite(ann, "orchay", "ann@example.org", "owner"))
    assert "not-found" == code(people.invite(ann, "orchay", "nobody", "owner"))
    for who, role, field in (("a@b.example", "boss", "role"), ("a b@c.example", "owner", "who"), ("@c.example", "owner", "who")):
        answer = people.invite(ann, "orchay", who, role)
        assert isinstance(answer, NotDone)
        assert (422, field) == (answer.status, answer.problems[0].field)


def test_invitations_are_counted(here: Town) -> None:
    """Nobody mails more than fifty strangers a day."""
    ann = here.person("ann")
    here.project("orchay", ann)
    answers = [here.projects.people.invite(ann, "orchay", f"u{number}@example.org", "owner") for number in range(51)]
    assert ["", "too-many"] == [code(answers[49]), code(answers[50])]
    assert isinstance(answers[50], NotDone)
    assert 0 < answers[50].retry_after <= 86_400
