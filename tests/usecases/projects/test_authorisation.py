"""Who may do what: every action by everybody, and nothing changes for those who may not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.usecases.projects.town import Town, code
from trustpub.usecases.projects.principal import Actor
from trustpub.usecases.upload_credential import Admission

Action = Callable[[Town, Actor], object]

FILE = "orchay-1.0-py3-none-any.whl"
FORM = {
    "provider": "github",
    "owner": "octo",
    "owner_id": "42",
    "repository": "orchay",
    "workflow_filename": "release.yml",
    "environment": "pypi",
}

LOOKS: dict[str, Action] = {
    "get": lambda here, who: here.projects.get(who, "orchay"),
    "people": lambda here, who: here.projects.people.listed(who, "orchay"),
    "releases": lambda here, who: here.projects.releases.listed(who, "orchay"),
}
OWNER_LOOKS: dict[str, Action] = {
    "log": lambda here, who: here.projects.log.of(who, "orchay"),
    "publishers": lambda here, who: here.publishing.of_project(who, "orchay"),
}
CHANGES: dict[str, Action] = {
    "invite": lambda here, who: here.projects.people.invite(who, "orchay", "new@example.org", "owner"),
    "cancel": lambda here, who: here.projects.people.cancel(who, "orchay", 1),
    "change-role": lambda here, who: here.projects.people.change_role(who, "orchay", "mia", "owner"),
    "remove": lambda here, who: here.projects.people.remove(who, "orchay", "mia"),
    "transfer": lambda here, who: here.projects.people.transfer(who, "orchay", "mia", "orchay"),
    "yank": lambda here, who: here.projects.releases.yank(who, "orchay", "1.0", "broken"),
    "unyank": lambda here, who: here.projects.releases.unyank(who, "orchay", "1.0"),
    "delete-file": lambda here, who: here.projects.releases.delete_file(who, "orchay", FILE, "orchay"),
    "delete-release": lambda here, who: here.projects.releases.delete_release(who, "orchay", "1.0", "1.0"),
    "archive": lambda here, who: here.projects.lifecycle.archive(who, "orchay", "over"),
    "delete": lambda here, who: here.projects.lifecycle.delete(who, "orchay", "orchay"),
    "trusted-only": lambda here, who: here.projects.switches.trusted_only(who, "orchay", on=True),
    "add-publisher": lambda here, who: here.publishing.add(who, "orchay", FORM),
}
ADMIN: dict[str, Action] = {
    "quarantine": lambda here, who: here.projects.lifecycle.quarantine(who, "orchay", "malware"),
}
ACTIONS = {**LOOKS, **OWNER_LOOKS, **CHANGES, **ADMIN}

WHO = ("owner", "maintainer", "stranger", "admin", "read", "manage", "upload", "other project", "of a stranger", "unknown")
ALLOWED = {
    **dict.fromkeys(LOOKS, frozenset({"owner", "maintainer", "admin", "read", "manage"})),
    **dict.fromkeys(OWNER_LOOKS, frozenset({"owner", "admin", "read", "manage"})),
    **dict.fromkeys(CHANGES, frozenset({"owner", "admin", "manage"})),
    **dict.fromkeys(ADMIN, frozenset({"admin"})),
}
REFUSALS = {"not-owner", "not-member", "not-admin", "wrong-scope", "wrong-project", "invalid-token"}


@pytest.fixture
def actors(here: Town) -> dict[str, Actor]:
    """Everybody around one project: its people, others, and tokens of either."""
    ann, mia, eve, root = here.person("ann"), here.person("mia"), here.person("eve"), here.person("root", admin=True)
    here.project("orchay", ann, mia)
    here.project("aside", ann)
    here.project("eves", eve)
    here.file("orchay", "1.0", FILE)
    here.projects.people.invite(ann, "orchay", "first@example.org", "maintainer")
    return {
        "owner": ann,
        "maintainer": mia,
        "stranger": eve,
        "admin": root,
        "read": here.token(ann, "read"),
        "manage": here.token(ann, "manage", "orchay"),
        "upload": here.token(ann, "upload"),
        "other project": here.token(ann, "manage", "aside"),
        "of a stranger": here.token(eve, "manage"),
        "unknown": Admission("no such digest"),
    }


@pytest.mark.parametrize("action", ACTIONS)
def test_who_may_do_it(here: Town, actors: dict[str, Actor], action: str) -> None:
    """Those who may not are refused and leave no event; those who may are not refused for who they are."""
    for who in WHO:
        if who in ALLOWED[action]:
            continue
        before = here.standing("orchay").serial, len(here.events()), len(here.mails())
        assert code(ACTIONS[action](here, actors[who])) in REFUSALS, who
        assert before == (here.standing("orchay").serial, len(here.events()), len(here.mails())), who
    # One allowed actor suffices to show that the action works; the others are only asked where nothing is used up by it.
    allowed = [who for who in WHO if who in ALLOWED[action]]
    assert "" == code(ACTIONS[action](here, actors[allowed[-1]]))
    if action in LOOKS or action in OWNER_LOOKS:
        assert [""] * len(allowed) == [code(ACTIONS[action](here, actors[who])) for who in allowed]


@pytest.mark.parametrize("action", CHANGES)
def test_a_person_must_have_proven_who_they_are(here: Town, actors: dict[str, Actor], action: str) -> None:
    """Half an hour after the last proof nothing is changed; nor in a session that was ended."""
    here.now += 1801
    assert "prove-it-is-you" == code(CHANGES[action](here, actors["owner"]))
    assert not [event for event in here.events("orchay") if event.kind != "role:invited"]
