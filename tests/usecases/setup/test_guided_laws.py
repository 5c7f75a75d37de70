"""Laws of guided registration: what a plan asks a person to register is what PyPI takes, whatever the repository looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.usecases.setup.registering import Shelf, Somebody, declared, facts, hosted, project, row, steps
from trustpub.domain.declaration import DeclaredPublisher
from trustpub.domain.names import ultranormalize
from trustpub.domain.untold import Untold
from trustpub.usecases.setup.order import MOST_PENDING

if TYPE_CHECKING:
    from tests.conftest import Scale
    from trustpub.domain.index_project import IndexProject

NAMES = [f"p{letter}" for letter in "abcdefgh"] + ["p-a", "p0"]
ROWS = st.builds(
    row,
    st.sampled_from(NAMES),
    st.just("pypi"),
    st.sampled_from(["pypi", "PyPI", "live", ""]),
    workflow=st.sampled_from(["pypi.yml", "b.yml"]),
    stated=st.sampled_from(["", "", "2026-11-20", "2026-09-01"]),
    pending=st.booleans(),
)
THERE = st.sampled_from([None, None, project(), Untold("no answer")])


def identity(each: DeclaredPublisher) -> tuple[str, str]:
    """What PyPI tells publishers of one repository apart by."""
    return each.workflow, each.environment.lower()


def waits(each: DeclaredPublisher, there: IndexProject | Untold | None) -> bool:
    """Whether a pending publisher holds its place."""
    return there is None and each.pending and each.stated == "2026-11-20"


def test_what_is_asked_for_is_what_pypi_takes(scale: Scale) -> None:
    """Never a fourth pending one, never two of one identity or of one project, never one whose name another one shuts out."""

    @settings(max_examples=scale(150, 5_000), deadline=None, database=None)
    @given(st.lists(ROWS, max_size=8, unique_by=lambda each: (each.project, identity(each))), st.data())
    def law(rows: list[DeclaredPublisher], data: st.DataObject) -> None:
        projects = {("pypi", each.project): data.draw(THERE) for each in rows}
        known = facts(declared(*rows), projects, hosted())
        written: list[DeclaredPublisher] = []
        everyone = Somebody(*[True] * len(rows))
        for step in steps(known, everyone, indexes={"pypi": Shelf("pypi")}, state=written.append):
            assert (step.apply is None) or step.changes
            if step.apply is not None:
                step.apply()
        asked = [each for each in written if each.pending]
        held = [each for each in rows if waits(each, projects["pypi", each.project])]
        assert len(asked) <= max(MOST_PENDING - len(held), 0)
        assert len({identity(each) for each in asked}) == len(asked)
        assert not {identity(each) for each in asked} & {identity(each) for each in held}
        names = [ultranormalize(each.project) for each in asked]
        assert len(set(names)) == len(names)
        assert all(projects["pypi", each.project] is None for each in asked)
        assert not any(isinstance(projects["pypi", each.project], Untold) for each in written)

    law()


def test_in_the_end_every_publisher_is_registered(scale: Scale) -> None:
    """With a release after every run, all that can be registered is, and no run asks for what is there."""

    @settings(max_examples=scale(60, 2_000), deadline=None, database=None)
    @given(st.lists(ROWS, max_size=6, unique_by=lambda each: (ultranormalize(each.project), identity(each))))
    def law(rows: list[DeclaredPublisher]) -> None:
        plain = [each._replace(stated="", pending=False) for each in rows]
        spelled = {ultranormalize(each.project): each.project for each in reversed(plain)}
        plain = [each._replace(project=spelled[ultranormalize(each.project)]) for each in plain]
        made: dict[tuple[str, str], IndexProject | Untold | None] = {("pypi", each.project): None for each in plain}
        done: list[DeclaredPublisher] = []
        for _ in range(len(plain) + 1):
            kept = [next((old for old in done if _same(old, each)), each) for each in plain]
            known = facts(declared(*kept), made, hosted())
            written: list[DeclaredPublisher] = []
            for step in steps(known, Somebody(*[True] * len(plain)), indexes={"pypi": Shelf("pypi")}, state=written.append):
                if step.apply is not None:
                    step.apply()
            assert not any(_same(old, new) for old in done for new in written)
            done += [each._replace(pending=False) for each in written]
            made.update({("pypi", each.project): project(each.project) for each in written})
        assert all(any(_same(old, each) for old in done) for each in plain)

    law()


def _same(one: DeclaredPublisher, other: DeclaredPublisher) -> bool:
    return (one.project, *identity(one)) == (other.project, *identity(other))
