"""Publishers of an index with an API: registered once, read back, and taken away only where that was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.usecases.setup.registering import (
    UNASKED,
    Cut,
    Desk,
    Shelf,
    Somebody,
    declared,
    facts,
    hosted,
    project,
    row,
    steps,
)
from trustpub.domain.declaration import Declaration, DeclaredPublisher
from trustpub.domain.index_project import IndexProject, Registered
from trustpub.domain.untold import Untold
from trustpub.errors import Denied, Unreachable
from trustpub.usecases.setup.run import Plan, carried_out
from trustpub.usecases.setup.step import Step

Projects = Mapping[tuple[str, str], IndexProject | Untold | None]
HERE: Projects = {("own", "tool"): project()}
GONE: Projects = {("own", "tool"): None}


def own(name: str = "tool", **more: Any) -> DeclaredPublisher:
    """A publisher on the index `own`."""
    return row(name, "own")._replace(**more)


def there(
    wanted: DeclaredPublisher, number: str = "7", fields: dict[str, str] | None = None, pending: bool = False
) -> Registered:
    """What the index holds: that publisher, with some fields otherwise."""
    made = wanted.registered()
    changed = tuple((name, (fields or {}).get(name, value)) for name, value in made.fields)
    return Registered(number, wanted.project, made._replace(fields=changed), pending)


def plan(desk: Desk, wanted: Declaration, projects: Projects = HERE, prune: bool = False) -> list[Step]:
    """Plan the publishers of `own`."""
    known = facts(wanted, projects, hosted())
    return steps(known, registrars={"own": desk}, indexes={"own": Shelf("own")}, prune=prune)


def outcomes(found: list[Step]) -> list[tuple[str, str]]:
    """Carry it out, and say what became of each step."""
    return [(each.step.key, each.state) for each in carried_out(Plan("octo/tool", tuple(found))).done]


@pytest.mark.parametrize(("projects", "pending"), [(HERE, False), (GONE, True)])
def test_what_is_missing_is_registered_and_proven(projects: Projects, pending: bool) -> None:
    """Pending exactly where the project does not exist; read back, it is the index's own word."""
    desk = Desk()
    (step,) = plan(desk, declared(own()), projects)
    assert {"+"} == {change.sign for change in step.changes}
    assert "can publish `tool` on `own`" in step.power
    assert [("publisher tool on own", "proven")] == outcomes([step])
    assert [("tool", pending)] == [(each.project, each.pending) for each in desk.there]
    assert own().registered() == desk.there[0].publisher


def test_what_is_there_is_left() -> None:
    """Nothing is asked for twice, and nothing is called but the list."""
    desk = Desk([there(own())])
    (step,) = plan(desk, declared(own()))
    assert ((), None) == (step.changes, step.apply)
    assert [("publisher tool on own", "proven")] == outcomes([step])
    assert ["registered"] == desk.calls


def test_the_facts_are_asked_before_the_index() -> None:
    """What was read already is not read again."""
    desk = Desk()
    known = facts(declared(own()), HERE, hosted(), registered=(there(own()),))
    (step,) = steps(known, registrars={"own": desk})
    assert ((), []) == (step.changes, desk.calls)


def test_a_pending_one_is_no_good_once_the_project_exists() -> None:
    """The exchange would refuse it, so the publisher is registered with the project."""
    desk = Desk([there(own(), pending=True)])
    first = plan(desk, declared(own()))[0]
    assert [("publisher tool on own", "proven")] == outcomes([first])
    assert [False] == [each.pending for each in desk.there]


def test_githubs_spelling_is_registered() -> None:
    """Names and the number come from GitHub, whatever the file says."""
    desk = Desk()
    outcomes(plan(desk, declared(own(owner="Octo", repository="TOOL", owner_id=""))))
    assert [own().registered()] == [each.publisher for each in desk.there]


def test_without_the_owners_number_nothing_is_registered() -> None:
    """The index keeps it, and a guess would be somebody else's."""
    desk = Desk()
    (step,) = steps(facts(declared(own(owner_id="")), HERE), registrars={"own": desk})
    assert step.apply is None
    assert "The owner `octo` is not pinned" in step.cannot
    assert "so nothing is registered" in step.cannot
    assert "write it as `owner_id` into the `[[publisher]]` of `tool`" in step.cannot


def test_a_number_that_the_index_has_on_record_is_named_and_not_taken_over() -> None:
    """Another publisher of the project names the same owner: the plan shows its number; a person says that it is right."""
    desk = Desk([there(own(workflow="old.yml", owner_id="583"))])
    step = steps(facts(declared(own(owner_id="")), HERE), registrars={"own": desk})[0]
    assert step.apply is None
    assert "has `583` on record, with a publisher of `tool`" in step.cannot


def test_without_the_owners_number_the_same_publisher_is_found() -> None:
    """What is there is there, whether or not GitHub could be asked."""
    known = facts(declared(own(owner_id="")), HERE)
    (step,) = steps(known, registrars={"own": Desk([there(own())])})
    assert ((), "") == (step.changes, step.cannot)


@pytest.mark.parametrize("fields", [{"environment": "other"}, {"workflow_filename": "old.yml"}, {"repository_owner_id": "584"}])
def test_what_differs_is_said_and_left(fields: dict[str, str]) -> None:
    """Another publisher of the same repository stays until somebody asks for its removal."""
    desk = Desk([there(own(), fields=fields)])
    wanted, extra = plan(desk, declared(own()))
    assert wanted.apply is not None
    assert (None, "-") == (extra.apply, extra.changes[0].sign)
    assert "`--prune`" in extra.cannot
    assert ["proven", "skipped"] == [state for _, state in outcomes([wanted, extra])]
    assert ["7", "2"] == [each.id for each in desk.there]


def test_pruning_takes_away_what_differs_last() -> None:
    """The new one is there before the old one goes."""
    desk = Desk([there(own(), fields={"environment": "other"})])
    assert ["proven", "proven"] == [state for _, state in outcomes(plan(desk, declared(own()), prune=True))]
    assert [own().registered()] == [each.publisher for each in desk.there]
    assert desk.calls.index("register tool") < desk.calls.index("remove 7")


def test_pruning_never_leaves_a_project_without() -> None:
    """Where the new one is not there after all, the old one stays."""
    old = there(own(), fields={"environment": "other"})
    desk = Desk([old])
    _, extra = plan(desk, declared(own()), prune=True)
    assert extra.apply is not None
    with pytest.raises(Denied, match="nothing was removed"):
        extra.apply()
    assert [old] == desk.there


@pytest.mark.parametrize("fields", [{"repository_name": "fork"}, {"repository_owner": "mallory"}])
def test_another_repositorys_publisher_is_never_removed(fields: dict[str, str]) -> None:
    """It is said, and left alone, whatever was asked for."""
    other = there(own(), fields=fields)
    desk = Desk([there(own()), other])
    _, extra = plan(desk, declared(own()), prune=True)
    assert ((), None) == (extra.changes, extra.apply)
    assert "belongs to another repository" in extra.cannot
    outcomes([extra])
    assert other in desk.there


def test_another_projects_publisher_is_never_removed() -> None:
    """Only the rows of the same project are this repository's to prune."""
    desk = Desk()
    known = facts(declared(own()), HERE, hosted(), registered=(there(own()), there(own("other"), "8")))
    _, extra = steps(known, registrars={"own": desk}, prune=True)
    assert (None, ()) == (extra.apply, extra.changes)


@pytest.mark.parametrize("project", [Untold("it is down"), None])
def test_what_the_index_does_not_tell_is_not_known(project: Untold | None) -> None:
    """No list, or no word on the project: nothing is registered blindly."""
    desk = Desk(untold=Untold("the token may not", "manage") if project is None else None)
    (step,) = plan(desk, declared(own()), {("own", "tool"): project})
    assert (None, True) == (step.apply, bool(step.cannot))
    assert [] == desk.there


def test_an_index_without_an_api_is_registered_by_hand() -> None:
    """There is no page to open, so the fields are shown alone, and a yes is kept as a statement."""
    written: list[DeclaredPublisher] = []
    ask = Somebody(True)
    known = facts(declared(own()), HERE, hosted())
    found = steps(known, ask, registrars={"own": Desk(untold=Untold("it has no API"))}, state=written.append)
    assert [("publisher tool on own", "stated")] == outcomes(found)
    assert ["", "octo"] == [ask.cards[0].page, ask.cards[0].fields[0].value]
    assert ["2026-11-22"] == [each.stated for each in written]


def test_an_index_that_does_not_answer_is_not_known() -> None:
    """Its silence is told; the plan for everything else stands."""

    class Silent(Desk):
        def registered(self, projects: object) -> Untold:
            raise Unreachable("index `own`", why="it does not answer")

    first, second = plan(Silent(), declared(own(), own("other", stated="2026-11-01", pending=True)))
    assert ("it does not answer" in first.cannot, second.cannot, second.changes) == (True, "", ())


def test_a_name_that_no_index_takes_is_not_registered() -> None:
    """A new project's name is looked at first."""
    (step,) = plan(Desk(), declared(own("json")), {("own", "json"): None})
    assert (None, True) == (step.apply, "standard library" in step.cannot)


def test_new_projects_of_one_identity_need_not_wait_here() -> None:
    """The limits of pending publishers are PyPI's: an index of one's own takes them all."""
    names = ["a", "b", "c", "d"]
    desk = Desk()
    found = plan(desk, declared(*map(own, names)), dict.fromkeys((("own", name) for name in names), None))
    assert ["proven"] * 4 == [state for _, state in outcomes(found)]


def test_killed_at_every_call_it_ends_in_the_same_state() -> None:
    """Whatever call it is cut off after, the next run ends where an undisturbed one does."""
    names = ["a", "b"]
    projects: Projects = {("own", "a"): project("a"), ("own", "b"): None}
    wanted = declared(*map(own, names))
    before = [there(own("a"), "7", {"environment": "other"})]

    def run(desk: Desk) -> int:
        outcomes(plan(desk, wanted, projects, prune=True))
        return len(desk.calls)

    whole = Desk(before)
    count = run(whole)
    assert count > 5
    for cut in range(count):
        desk = Desk(before, cut_after=cut)
        with pytest.raises(Cut):
            run(desk)
        desk.cut_after = None
        run(desk)
        assert {each[1:] for each in whole.there} == {each[1:] for each in desk.there}, cut
        assert [] == [step for step in plan(desk, wanted, projects, prune=True) if step.changes or step.cannot]


def test_not_asked_is_not_empty() -> None:
    """Facts that nobody asked for send the question to the index itself."""
    desk = Desk([there(own())])
    known = facts(declared(own()), HERE, hosted(), registered=UNASKED)
    (step,) = steps(known, registrars={"own": desk})
    assert ((), ["registered"]) == (step.changes, desk.calls)
