"""Publishers of an index without an API: what is shown, what is asked, and what the answer is worth."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.usecases.setup.registering import (
    UNASKED,
    Shelf,
    Somebody,
    attested,
    declared,
    facts,
    hosted,
    project,
    row,
    steps,
    uploaded,
)
from trustpub.domain.declaration import DeclaredAccount, DeclaredPublisher
from trustpub.domain.index_project import Attested, IndexProject
from trustpub.domain.publishers import Provider
from trustpub.domain.untold import Untold
from trustpub.usecases.setup.run import Plan, carried_out
from trustpub.usecases.setup.step import Step

NEW: Mapping[tuple[str, str], IndexProject | Untold | None] = {("pypi", "tool"): None}
OLD: Mapping[tuple[str, str], IndexProject | Untold | None] = {("pypi", "tool"): project()}


def only(found: list[Step]) -> Step:
    """The one step that there is."""
    (step,) = found
    return step


def done(step: Step) -> bool:
    """Apply a step and say whether nothing is left."""
    assert step.apply is not None
    assert step.read_back is not None
    step.apply()
    return step.read_back() is None


def test_an_existing_project_has_its_page_filled_in() -> None:
    """The address of the project's page carries every field, encoded, in GitHub's spelling."""
    ask = Somebody(True)
    written: list[DeclaredPublisher] = []
    wanted = declared(row(owner="OCTO", repository="Tool", environment="pypi live"))
    assert done(only(steps(facts(wanted, OLD, hosted()), ask, state=written.append)))
    (card,) = ask.cards
    page = urlsplit(card.page)
    assert ("pypi.example", "/manage/project/tool/settings/publishing/") == (page.netloc, page.path)
    fields = {"provider": "github", "owner": "octo", "repository": "tool", "workflow_filename": "pypi.yml"}
    assert {**fields, "environment": "pypi live"} == dict(parse_qsl(page.query))
    assert "+" not in page.query
    assert card.filled
    assert [row(environment="pypi live", stated="2026-11-22")] == written


def test_a_new_project_has_a_card_in_the_order_of_the_form() -> None:
    """No link fills in the account's form, so each value is shown in the form's order, without blanks around it."""
    ask = Somebody(True)
    written: list[DeclaredPublisher] = []
    wanted = declared(row(workflow="pypi.yml ", environment=""))
    assert done(only(steps(facts(wanted, NEW, hosted()), ask, indexes={"pypi": Shelf("pypi")}, state=written.append)))
    (card,) = ask.cards
    assert "https://pypi.example/manage/account/publishing/" == card.page
    assert [
        ("PyPI project name", "tool"),
        ("Owner", "octo"),
        ("Repository name", "tool"),
        ("Workflow name", "pypi.yml"),
        ("Environment name", ""),
    ] == [(field.label, field.value) for field in card.fields]
    assert "583" in card.fields[1].note
    assert ["2026-11-22", True] == [written[0].stated, written[0].pending]


def test_the_four_traps_are_said_of_a_pending_publisher_alone() -> None:
    """Not reserved, thirty days, three an account, and the exchange that makes the project."""
    asks = Somebody(True), Somebody(True)
    for ask, projects in zip(asks, (NEW, OLD), strict=True):
        assert done(only(steps(facts(declared(row()), projects), ask, indexes={"pypi": Shelf("pypi")})))
    new, old = (ask.cards[0].notes for ask in asks)
    for words in (
        "does not reserve the name",
        "after 30 days, on 2026-12-22",
        "has 3 pending",
        "first exchange makes the project",
    ):
        assert [1, 0] == [sum(words in note for note in notes) for notes in (new, old)]


@pytest.mark.parametrize(("answers", "words"), [((False,), "Nothing was written"), ((), "Nobody is here to say so")])
def test_without_a_yes_nothing_is_stated(answers: tuple[bool, ...], words: str) -> None:
    """A no and a silence write nothing, and what is wanted is still to do."""
    ask = Somebody(*answers, allowed=True)
    written: list[DeclaredPublisher] = []
    step = only(steps(facts(declared(row()), OLD), ask, state=written.append))
    assert not done(step)
    assert [] == written
    assert words in ask.told[0]
    assert ["differs"] == [each.state for each in carried_out(Plan("octo/tool", (step,))).done]


def test_what_is_stated_is_done_and_not_proven() -> None:
    """A statement about this very record is enough, and stays somebody's word."""
    step = only(steps(facts(declared(row(stated="2026-10-01")), OLD)))
    assert ((), None) == (step.changes, step.apply)
    assert ["stated"] == [each.state for each in carried_out(Plan("octo/tool", (step,))).done]


def test_what_was_published_with_it_is_proven() -> None:
    """The provenance of the newest files is better than anybody's word."""
    step = only(steps(facts(declared(row()), {("pypi", "tool"): project(by=attested())})))
    assert () == step.changes
    (each,) = carried_out(Plan("octo/tool", (step,))).done
    assert "proven" == each.state
    assert "`tool-1.0.tar.gz` on PyPI was published with it" == each.note


@pytest.mark.parametrize(
    "by",
    [
        attested(repository="Octo/tool"),
        attested(repository="octo/other"),
        attested(workflow="release.yml"),
        attested(environment=""),
        attested(environment="other"),
        attested(owner="584"),
        attested()._replace(kind="GitLab"),
    ],
)
def test_another_publisher_proves_nothing(by: Attested) -> None:
    """Each field of the record counts, and the owner's number with them."""
    assert only(steps(facts(declared(row()), {("pypi", "tool"): project(by=by)}))).changes


@pytest.mark.parametrize(("environment", "words"), [("", "no environment"), ("old", "environment `old`")])
def test_the_publisher_that_was_used_is_told(environment: str, words: str) -> None:
    """One that is wider than what is wanted, or was left over, can be removed where the new one is added."""
    ask = Somebody(True)
    assert done(only(steps(facts(declared(row()), {("pypi", "tool"): project(by=attested(environment=environment))}), ask)))
    assert (
        f"was published from `octo/tool`, workflow `pypi.yml`, {words}: if that publisher is still listed"
        in ask.cards[0].notes[0]
    )


def test_an_older_version_proves_nothing() -> None:
    """Where the newest attested version was published by another one, the older ones are history."""
    newer = project(by=attested(workflow="release.yml"))
    first = project("tool-old", by=attested())
    files = (first.files[0]._replace(version="0.9"), newer.files[0])
    both = newer._replace(files=files, provenance={**first.provenance, **newer.provenance})
    assert only(steps(facts(declared(row()), {("pypi", "tool"): both}))).changes
    assert not only(steps(facts(declared(row(workflow="release.yml")), {("pypi", "tool"): both}))).changes


@pytest.mark.parametrize(
    ("stated", "there", "sign"),
    [
        (row(stated="2026-10-01", pending=True), None, "~"),
        (row(stated="2026-10-23", pending=True), None, ""),
        (row(stated="2026-10-22", pending=True), None, "~"),
        (row(stated="2026-11-01"), None, "+"),
        (row(stated="2026-11-01", pending=True), project(), "+"),
        (row(stated="2026-11-01", pending=True), uploaded(date(2026, 10, 31)), "+"),
        (row(stated="2026-11-01", pending=True), uploaded(date(2026, 11, 1)), ""),
        (row(stated="2026-10-01", pending=True), uploaded(date(2026, 10, 31)), ""),
        (row(stated="2026-10-01", pending=True), uploaded(date(2026, 11, 1)), "+"),
        (row(stated="2026-11-01", pending=True), uploaded(date(2026, 11, 2), attested(workflow="old.yml")), "+"),
        (row(stated="2026-11-01", pending=True), uploaded(date(2026, 11, 2), attested("acme/tool")), "+"),
        (row(stated="2026-11-01", pending=True), uploaded(date(2026, 11, 2), attested(environment="live")), "+"),
        (row(stated="2026-11-01", pending=True), uploaded(date(2026, 11, 2), attested()), ""),
        (row(stated="2026-11-01", pending=True), project()._replace(files=(), latest=""), ""),
        (row(stated="2026-11-01", pending=True, workflow="old.yml"), uploaded(date(2026, 11, 2)), "+"),
        (row(stated="2026-11-01", pending=True), project(by=attested()), ""),
        (row(stated="2026-11-01", pending=True), Untold("no answer"), ""),
        (row(stated="2026-11-01"), Untold("no answer"), ""),
        (row(stated="2026-11-01", repository="Tool"), project(), "+"),
        (row(stated="2026-11-01", owner="Octo", environment="PyPI"), project(), ""),
        (row(stated="2026-11-01", owner_id="584"), project(), "+"),
        (row(stated="2026-11-01", owner_id=""), project(), ""),
        (row(stated="2026-11-01", workflow="old.yml"), project(), "+"),
        (row(stated="2026-11-01", index="testpypi"), project(), "+"),
        (row(), project(), "+"),
    ],
)
def test_what_a_statement_is_worth(stated: DeclaredPublisher, there: IndexProject | Untold | None, sign: str) -> None:
    """A pending one lasts thirty days, a record that was renamed is another one, and an existing project is looked at again."""
    known = facts(declared(stated), {("pypi", "tool"): there}, hosted())
    step = only(steps(known, desired=declared(row()), indexes={"pypi": Shelf("pypi")}))
    assert sign == "".join({change.sign for change in step.changes})


def test_a_pending_one_became_an_ordinary_one_by_its_first_exchange() -> None:
    """Without provenance the statement stands, and says from what it follows; nobody is asked again."""
    ask, there = Somebody(), {("pypi", "tool"): uploaded(date(2026, 11, 3))}
    step = only(steps(facts(declared(row(stated="2026-11-01", pending=True)), there), ask))
    (outcome,) = carried_out(Plan("octo/tool", (step,))).done
    why = "as pending; the project exists since 2026-11-03: its first exchange makes an ordinary publisher of a pending one"
    assert ("stated", f"`trustpub.toml` states it since 2026-11-01, {why}") == (outcome.state, outcome.note)
    assert ([], []) == (ask.cards, ask.asked)


@pytest.mark.parametrize(
    ("user", "owners", "organization", "sign"),
    [
        ("alice", (("mallory", "Owner"),), "", "+"),
        ("alice", (("mallory", "Owner"), ("Alice", "Owner")), "", ""),
        ("alice", (("mallory", "Owner"),), "octo", ""),
        ("", (("mallory", "Owner"),), "", ""),
        ("alice", UNASKED, "", ""),
    ],
)
def test_a_project_of_somebody_else_was_made_by_them(
    user: str, owners: tuple[tuple[str, str], ...] | Untold, organization: str, sign: str
) -> None:
    """Whoever registers a pending publisher owns the project that it makes."""
    there = uploaded(date(2026, 11, 3))._replace(owners=owners, organization=organization)
    stated = declared(row(stated="2026-11-01", pending=True), accounts={"pypi": DeclaredAccount("pypi", user, "2026-11-01")})
    step = only(steps(facts(stated, {("pypi", "tool"): there})))
    assert sign == "+" * bool(step.changes or step.cannot)


def test_a_pending_one_that_is_gone_is_said_to_be() -> None:
    """The plan says why it asks again, and a yes starts the thirty days anew."""
    written: list[DeclaredPublisher] = []
    known = facts(declared(row(stated="2026-10-01", pending=True)), NEW)
    step = only(steps(known, Somebody(True), indexes={"pypi": Shelf("pypi")}, state=written.append))
    assert "PyPI removes a pending publisher after 30 days" in step.changes[0].before
    assert done(step)
    assert [("2026-11-22", True)] == [(each.stated, each.pending) for each in written]


def test_a_rename_asks_for_the_new_name() -> None:
    """GitHub leads elsewhere: the record of the old name is no good any more."""
    ask = Somebody(True)
    known = facts(declared(row(stated="2026-10-01")), OLD, hosted(name="tools", renamed_from="octo/tool"))
    assert done(only(steps(known, ask)))
    assert "repository=tools&" in ask.cards[0].page


def test_testpypi_comes_before_pypi() -> None:
    """Each index has a record, an environment and a page of its own."""
    ask = Somebody(True, True)
    both = declared(row(), row(index="testpypi", environment="testpypi"))
    found = steps(facts(both, {("pypi", "tool"): project(), ("testpypi", "tool"): project()}), ask)
    assert ["publisher tool on testpypi", "publisher tool on pypi"] == [step.key for step in found]
    assert all(done(step) for step in found)
    assert ["testpypi.example", "pypi.example"] == [urlsplit(card.page).netloc for card in ask.cards]
    assert ["environment=testpypi", "environment=pypi"] == [card.page.rpartition("&")[2] for card in ask.cards]


def test_several_publishers_of_a_project_have_keys_of_their_own() -> None:
    """Workflow and environment tell them apart."""
    two = declared(row(), row(workflow="nightly.yml", environment=""))
    keys = [step.key for step in steps(facts(two, OLD))]
    assert ["publisher tool on pypi (pypi.yml, pypi)", "publisher tool on pypi (nightly.yml)"] == keys


def test_names_of_one_identity_wait_for_each_other() -> None:
    """Only the first of two new projects is registered now; the other one says after which, and what would be faster."""
    two = declared(row("alpha"), row("beta"))
    known = facts(two, {("pypi", "alpha"): None, ("pypi", "beta"): None})
    first, second = steps(known, Somebody(True), indexes={"pypi": Shelf("pypi")})
    assert ("", True) == (first.cannot, first.apply is not None)
    assert (None, True) == (second.apply, bool(second.changes))
    assert "after the first release of `alpha`" in second.cannot
    assert "`pypi-beta`" in second.cannot


def test_what_waits_already_holds_its_place() -> None:
    """Three that wait are all that an account may have, whatever their identities; existing projects do not count."""
    names = ["a", "b", "c"]
    waiting = [row(name, environment=name, stated="2026-11-20", pending=True) for name in names]
    rows = declared(*waiting, row("d", environment="d"), row("e", environment="a"))
    there = {**dict.fromkeys((("pypi", name) for name in names), None), ("pypi", "d"): None, ("pypi", "e"): project("e")}
    found = {step.key: step for step in steps(facts(rows, there), indexes={"pypi": Shelf("pypi")})}
    assert "after the first release of `a`, `b` and `c`" in found["publisher d on pypi"].cannot
    assert found["publisher e on pypi"].apply is not None


def test_one_project_has_one_pending_publisher() -> None:
    """A second publisher of a project that does not exist is registered once it does."""
    two = declared(row(), row(workflow="nightly.yml"))
    first, second = steps(facts(two, NEW), indexes={"pypi": Shelf("pypi")})
    assert first.apply is not None
    assert "after the first release of `tool`" in second.cannot


def test_new_names_that_look_alike_exclude_each_other() -> None:
    """The second one would be refused as soon as the first one exists."""
    two = declared(row("demo-one", environment="a"), row("dem0one", environment="b"))
    known = facts(two, {("pypi", "demo-one"): None, ("pypi", "dem0one"): None})
    first, second = steps(known, indexes={"pypi": Shelf("pypi")})
    assert first.apply is not None
    assert "`dem0one` looks too much like `demo-one`, which is new too" in second.cannot


def test_what_is_registered_holds_its_place_even_when_it_looks_like_another() -> None:
    """Two names that look alike and wait both, however that came about: neither's place is given to a third."""
    held = [row("pa", workflow="b.yml", stated="2026-11-20", pending=True), row("p-a", stated="2026-11-20", pending=True)]
    planned = steps(facts(declared(*held, row("pb")), {("pypi", name): None for name in ("pa", "p-a", "pb")}, hosted()))
    assert [(step.key, step.apply is None, "comes after the first release" in step.cannot) for step in planned] == [
        ("publisher pa on pypi", True, False),
        ("publisher p-a on pypi", True, False),
        ("publisher pb on pypi", True, True),
    ]


def test_a_name_that_is_refused_takes_no_place() -> None:
    """What cannot be registered does not hold up what can."""
    two = declared(row("json"), row("beta"))
    refused, other = steps(facts(two, {("pypi", "json"): None, ("pypi", "beta"): None}), indexes={"pypi": Shelf("pypi")})
    assert (None, True) == (refused.apply, other.apply is not None)


@pytest.mark.parametrize(
    ("wanted", "there", "words"),
    [
        (row("json"), None, "is a module of Python's standard library"),
        (row("-tool"), None, "is not written as a project name"),
        (row(environment="a;b"), project(), "environment"),
        (row(issuer="https://github.corp.example/_services/token"), project(), "takes no ID tokens of"),
        (row(), Untold("the index is down"), "is not known: the index is down"),
        (row(), project(owners=(("alice", "Owner"), ("bob", "Maintainer"))), "`bob` is not one of its owners (`alice`)"),
    ],
)
def test_what_cannot_be_registered(wanted: DeclaredPublisher, there: IndexProject | Untold | None, words: str) -> None:
    """It is said why, before anybody types anything."""
    declaration = declared(wanted, accounts={"pypi": DeclaredAccount("pypi", "bob")})
    step = only(steps(facts(declaration, {("pypi", wanted.project): there}), indexes={"pypi": Shelf("pypi")}))
    assert step.apply is None
    assert step.changes
    assert words in step.cannot


def test_an_owner_can_be_sent_the_page() -> None:
    """Whoever may not register it gets the address for one who may."""
    theirs = project(owners=(("alice", "Owner"),))
    declaration = declared(row(), accounts={"pypi": DeclaredAccount("pypi", "bob")})
    step = only(steps(facts(declaration, {("pypi", "tool"): theirs})))
    assert "https://pypi.example/manage/project/tool/settings/publishing/?provider=github&owner=octo" in step.cannot


def test_gitlab_has_a_form_of_its_own() -> None:
    """The page takes GitLab's field names."""
    ask = Somebody(True)
    wanted = row(provider=Provider.GITLAB, owner="group/sub", repository="tool", workflow=".gitlab-ci.yml", environment="")
    assert done(only(steps(facts(declared(wanted), OLD), ask)))
    query = dict(parse_qsl(urlsplit(ask.cards[0].page).query, keep_blank_values=True))
    names = ["provider", "namespace", "project", "workflow_filepath", "environment", "issuer_url"]
    assert (names, "group/sub", "https://gitlab.com") == (list(query), query["namespace"], query["issuer_url"])


def test_an_index_that_is_silent_is_not_known() -> None:
    """Where the index does not answer, nobody is guided to a form that may be the wrong one."""
    step = only(steps(facts(declared(row())), indexes={"pypi": Shelf("pypi", silent=True)}))
    assert step.apply is None
    assert "it does not answer" in step.cannot


def test_an_own_index_without_a_token_names_the_command() -> None:
    """Whoever runs the index can register it there."""
    step = only(steps(facts(declared(row(index="own", environment="a b")), {("own", "tool"): None})))
    assert "`TRUSTPUB_TOKEN_OWN_EXAMPLE`" in step.cannot
    assert "publisher add tool --provider github --owner octo --owner-id 583" in step.cannot
    assert "--environment 'a b' --pending --user USER`" in step.cannot


def test_a_command_for_an_owner_whose_number_nobody_knows_has_a_place_for_it() -> None:
    """The command refuses to go without."""
    step = only(steps(facts(declared(row(index="own", owner_id="")), {("own", "tool"): None})))
    assert "--owner octo --owner-id NUMBER --repository" in step.cannot


def test_a_file_that_cannot_be_written_states_nothing() -> None:
    """Killed before it is written, the next run asks again; killed after it, the next run has nothing to do."""
    written: list[DeclaredPublisher] = []

    def before(_: DeclaredPublisher) -> None:
        raise KeyboardInterrupt

    def after(publisher: DeclaredPublisher) -> None:
        written.append(publisher)
        raise KeyboardInterrupt

    for state in (before, after):
        step = only(steps(facts(declared(row()), OLD), Somebody(True), state=state))
        with pytest.raises(KeyboardInterrupt):
            done(step)
    assert only(steps(facts(declared(row()), OLD))).changes
    assert not only(steps(facts(declared(*written), OLD))).changes
