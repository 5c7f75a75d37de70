"""The files' side of a setup: planned without writing, written whole, read back, and nothing to do the second time."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import pytest

from tests.usecases.setup.proposing import BY_TOKEN, MANY, RELEASE, book, checkout, proposed, read, told
from tests.workflows.releases import RELEASES
from trustpub.errors import BadInput, Broken
from trustpub.parties.git import Checkout
from trustpub.parties.rewriting import create
from trustpub.usecases import check
from trustpub.usecases.asked import Options
from trustpub.usecases.gather import gather
from trustpub.usecases.predict import run
from trustpub.usecases.setup.files import declaration_step, lines_that_differ, to_commit, workflow_step
from trustpub.usecases.setup.proposal import Wishes
from trustpub.usecases.setup.step import Change, Step
from trustpub.workflows.predict import EVERYTHING
from trustpub.workflows.writing import PINS

NEW = ".github/workflows/pypi.yml"
PROJECT = '[project]\nname = "tool"\nversion = "1.2.3"\n'
PUBLISHER = (
    '[[publisher]]\nproject = "tool"\nowner = "octo"\nrepository = "tool"\nworkflow = "release.yml"\nenvironment = "live"\n'
)
TRUSTED = """\
on:
  push:
    tags: ['v*']
permissions:
  contents: read
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: python -m build
  ship: # the upload
    needs: build
    runs-on: ubuntu-latest
    environment: "Production" # a wish
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
"""


def steps(folder: Path, wishes: Wishes | None = None) -> list[Step]:
    """Plan what is in a folder."""
    there = Checkout.open(folder)
    facts = told(gather(there, book(folder), EVERYTHING, whole=True), owner="octo", branch="main")
    desired = proposed(facts, wishes).declaration
    desired = desired._replace(publishers=tuple(row._replace(repository="tool") for row in desired.publishers))
    return [declaration_step(there, desired), *workflow_step(there, facts, desired, book(folder), wishes=wishes)]


def made(folder: Path, wishes: Wishes | None = None) -> list[Step]:
    """Plan and apply; every step is read back."""
    planned = steps(folder, wishes)
    for step in planned:
        if step.apply is not None:
            step.apply()
            assert step.read_back is not None
            assert () == step.read_back()
    return planned


def published(folder: Path) -> set[tuple[str | None, str | None, str, str, str]]:
    """What is predicted of a folder."""
    found = run(Checkout.open(folder), Options(), book(folder)).predictions
    return {(each.project, each.index, each.workflow, each.environment, each.verdict) for each in found}


def text(folder: Path, path: str = RELEASE) -> str:
    """A file of a folder."""
    return (folder / path).read_text()


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Everything that lies in a folder, but for the cache of addresses."""
    found = (path for path in folder.rglob("*") if path.is_file() and ".cache" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_a_plan_writes_nothing(tmp_path: Path) -> None:
    """The steps say what they would do."""
    checkout(tmp_path)
    before = bytes_of(tmp_path)
    planned = steps(tmp_path)

    assert before == bytes_of(tmp_path)
    assert ["file trustpub.toml", f"file {NEW}"] == [step.key for step in planned]
    assert {"files"} == {step.party for step in planned}
    assert ("trustpub.toml", NEW) == to_commit(planned)
    assert Change("+", "tags.protect", "", '["v*"]') in planned[0].changes
    assert "ID tokens" in planned[1].power


@pytest.mark.parametrize("wishes", [Wishes(), Wishes(event="release"), Wishes(indexes=("pypi",)), Wishes(indexes=("testpypi",))])
@pytest.mark.parametrize("files", [{}, MANY], ids=["one", "several"])
def test_from_nothing_to_no_finding(files: dict[str, str], wishes: Wishes, tmp_path: Path) -> None:
    """What is written publishes all that was proposed, and check has nothing to say."""
    checkout(tmp_path, files)
    made(tmp_path, wishes)
    wanted = {
        (row.project, row.index, NEW, row.environment, "publishes")
        for row in proposed(read(tmp_path), wishes).declaration.publishers
    }

    assert wanted == published(tmp_path)
    assert [] == [each.rule for each in check.run(Checkout.open(tmp_path), book(tmp_path)).findings]


def test_the_second_time_there_is_nothing_to_do(tmp_path: Path) -> None:
    """The same files, the same steps, no change."""
    checkout(tmp_path)
    made(tmp_path)
    before = bytes_of(tmp_path)
    again = made(tmp_path)

    assert before == bytes_of(tmp_path)
    assert [((), "", None)] * 2 == [(step.changes, step.cannot, step.apply) for step in again]


def test_a_setup_that_was_cut_off_goes_on(tmp_path: Path) -> None:
    """Applied half and planned again; and a step may be applied twice."""
    checkout(tmp_path)
    first = steps(tmp_path)
    assert first[0].apply is not None
    first[0].apply()
    first[0].apply()
    made(tmp_path)
    whole = bytes_of(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    checkout(other)
    made(other)

    assert whole.items() >= bytes_of(other).items()


def test_the_commits_that_github_names_are_written(tmp_path: Path) -> None:
    """Where it could be asked; what it did not name is as it is known here."""
    there = checkout(tmp_path)
    facts = read(tmp_path)
    pins = {"actions/checkout": ("c" * 40, "v99.0.0")}
    (step,) = workflow_step(there, facts, proposed(facts).declaration, book(tmp_path), pins=pins)

    assert f"actions/checkout@{'c' * 40} # v99.0.0" in step.changes[0].after
    assert f"pypa/gh-action-pypi-publish@{PINS['pypa/gh-action-pypi-publish'][0]}" in step.changes[0].after


def test_a_package_whose_version_comes_from_tags_is_built_with_them(tmp_path: Path) -> None:
    """Without the history it would be built as another version."""
    checkout(tmp_path, {"pyproject.toml": '[project]\nname = "tool"\ndynamic = ["version"]\n'})
    made(tmp_path)

    assert "fetch-depth: 0" in text(tmp_path, NEW)


def test_a_version_in_another_file_needs_no_history(tmp_path: Path) -> None:
    """A version that somebody writes is no tag's."""
    project = (
        '[build-system]\nbuild-backend = "setuptools.build_meta"\n[project]\nname = "tool"\ndynamic = ["version"]\n'
        '[tool.setuptools.dynamic]\nversion = {attr = "tool.__version__"}\n'
    )
    checkout(tmp_path, {"pyproject.toml": project, "tool/__init__.py": '__version__ = "1.2.3"\n'})
    made(tmp_path)

    assert "fetch-depth" not in text(tmp_path, NEW)


@pytest.mark.parametrize(
    ("files", "compiled"),
    [
        ({"pyproject.toml": f'[build-system]\nbuild-backend = "maturin"\n{PROJECT}'}, True),
        ({"pyproject.toml": f'[build-system]\nrequires = ["setuptools", "Cython>=3"]\n{PROJECT}'}, True),
        ({"pyproject.toml": PROJECT, "setup.py": "from setuptools import setup\nsetup(ext_modules=[])\n"}, True),
        ({"pyproject.toml": PROJECT, "setup.py": "from setuptools import setup\nsetup()\n"}, False),
        ({}, False),
    ],
)
def test_a_package_that_compiles_gets_no_wheel_of_the_runner(files: dict[str, str], compiled: bool, tmp_path: Path) -> None:
    """No public index takes it."""
    checkout(tmp_path, files)
    made(tmp_path)

    assert compiled == ("--sdist" in text(tmp_path, NEW))


def test_a_job_for_two_indexes_gets_one_environment(tmp_path: Path) -> None:
    """The release's, for it can have only one; both publishers have it, and that a person may cut the job in two is said."""
    both = TRUSTED.replace('    environment: "Production" # a wish\n', "").replace("permissions:\n  contents: read\n", "")
    checkout(tmp_path, {RELEASE: f"{both}      - run: uv publish --publish-url https://test.index.example/legacy/ dist/*\n"})
    reasons = [each.why for each in proposed(read(tmp_path)).reasons if each.field == "publisher.environment"]
    planned = made(tmp_path)

    assert 1 == text(tmp_path).count("    environment: pypi\n")
    assert [] == [step.key for step in planned if step.cannot]
    assert {("tool", index, RELEASE, "pypi", "publishes") for index in ("testpypi", "pypi")} == published(tmp_path)
    assert ["cut it in two" in why for why in reasons] == [True]


def test_an_index_of_ones_own(tmp_path: Path) -> None:
    """Its address stands in the workflow as it is declared."""
    checkout(tmp_path, {"trustpub.toml": '[indexes.own]\nurl = "https://own.example/legacy/"\naudience = "own"\n'})
    made(tmp_path, Wishes(indexes=("own",)))

    assert "repository-url: https://own.example/legacy/" in text(tmp_path, NEW)
    assert {("tool", "own", NEW, "own", "publishes")} == published(tmp_path)


def test_a_workflow_with_a_password_is_mended(tmp_path: Path) -> None:
    """Password out, permission and environment in, and every other line stays; no trial is added to what releases already."""
    checkout(tmp_path, {RELEASE: BY_TOKEN})
    planned = {step.key: step for step in made(tmp_path)}
    mended = planned[f"file {RELEASE}"]

    assert ["+", "-"] == [each.sign for each in mended.changes]
    assert "password: ${{ secrets.PYPI_TOKEN }}" in mended.changes[1].before
    assert set(BY_TOKEN.splitlines()) - set(text(tmp_path).splitlines()) == set(mended.changes[1].before.splitlines())
    assert ("tool", "pypi", RELEASE, "pypi", "publishes") in published(tmp_path)
    assert not (tmp_path / ".github/workflows/testpypi.yml").exists()


def test_a_declared_environment_is_written_where_the_job_names_another(tmp_path: Path) -> None:
    """In the quotes that are there, with the comment behind it; the permission comes with those that the file gave."""
    checkout(tmp_path, {RELEASE: TRUSTED, "trustpub.toml": PUBLISHER})
    made(tmp_path)
    expected = TRUSTED.replace('"Production" # a wish', '"live" # a wish')

    assert set(expected.splitlines()) <= set(text(tmp_path).splitlines())
    assert "    permissions:\n      contents: read\n      id-token: write\n" in text(tmp_path)
    assert ("tool", "pypi", RELEASE, "live", "publishes") in published(tmp_path)


def test_a_password_without_a_publisher_stays(tmp_path: Path) -> None:
    """Nothing would stand in for it; and what the file does not do is said in words."""
    checkout(tmp_path, {RELEASE: BY_TOKEN, "trustpub.toml": PUBLISHER.replace("owner", 'index = "testpypi"\nowner', 1)})
    planned = made(tmp_path, Wishes(indexes=("testpypi",)))
    left = planned[-1]

    assert BY_TOKEN == text(tmp_path)
    assert f"file {RELEASE}: tool to testpypi" == left.key
    assert left.apply is None
    assert "no job of it uploads `tool` to testpypi" in left.cannot
    assert "`environment: live`" in left.cannot


def test_another_upload_in_the_same_file_keeps_its_password(tmp_path: Path) -> None:
    """A file that goes to two indexes, one of them without a publisher, is not half broken."""
    two = BY_TOKEN + BY_TOKEN[BY_TOKEN.index("  release: # uploads") :].replace("  release:", "  test:").replace(
        "        with:\n", "        with:\n          repository-url: https://own.example/legacy/\n"
    )
    checkout(tmp_path, {RELEASE: two, "trustpub.toml": PUBLISHER})
    made(tmp_path)

    assert 2 == text(tmp_path).count("password")


def test_an_upload_by_a_client_without_trusted_publishing_is_left_to_the_person(tmp_path: Path) -> None:
    """What to write is said; the file stays."""
    flit = BY_TOKEN[: BY_TOKEN.index("      - uses: pypa")] + "      - run: flit publish\n"
    checkout(tmp_path, {RELEASE: flit, "trustpub.toml": PUBLISHER})
    left = made(tmp_path)[-1]

    assert "does not publish `tool` to pypi by trusted publishing" in left.cannot
    assert "flit" in left.cannot


def test_a_client_that_takes_nothing_but_a_token_is_not_told_to_give_it_up(tmp_path: Path) -> None:
    """To take the token away would break every release: another client has to upload."""
    flit = BY_TOKEN[: BY_TOKEN.index("      - uses: pypa")]
    flit += "      - run: flit publish\n        env: {FLIT_PASSWORD: '${{ secrets.PYPI_TOKEN }}'}\n"
    checkout(tmp_path, {RELEASE: flit, "trustpub.toml": PUBLISHER})
    why = made(tmp_path)[-1].cannot

    assert "and `flit` can do nothing else (flit exchanges no ID tokens" in why
    assert "upload with `pypa/gh-action-pypi-publish` or `uv publish`" in why
    assert "Take it away" not in why


def test_an_upload_that_cannot_be_made_whole_is_not_begun(tmp_path: Path) -> None:
    """An environment at a job that goes on with its token would only let fewer runs publish."""
    flit = BY_TOKEN[: BY_TOKEN.index("      - uses: pypa")] + "      - run: flit publish\n"
    checkout(tmp_path, {RELEASE: flit})
    made(tmp_path)

    assert flit == text(tmp_path)


def test_an_upload_that_no_run_gets_to_is_told(tmp_path: Path) -> None:
    """It gets no second workflow beside it."""
    dead = BY_TOKEN.replace("    runs-on", "    if: github.event_name == 'push'\n    runs-on")
    checkout(tmp_path, {RELEASE: dead})
    planned = {step.key: step for step in steps(tmp_path, Wishes(indexes=("pypi",)))}

    assert ["file trustpub.toml", f"file {RELEASE}: tool to pypi"] == list(planned)
    assert "no run gets to the job `release`, which uploads `tool` to pypi" in planned[f"file {RELEASE}: tool to pypi"].cannot


def test_no_workflow_is_written_beside_a_call_that_gets_secrets(tmp_path: Path) -> None:
    """It may publish with a token; one whose name says something else is no matter."""
    call = "on: release\njobs:\n  go:\n    uses: someone/flows/.github/workflows/{}.yml@v1\n    secrets: inherit\n"
    checkout(tmp_path, {RELEASE: call.format("to-pypi")})
    assert ["workflows"] == [each.key for each in steps(tmp_path) if each.changes or each.cannot]
    (tmp_path / RELEASE).write_text(call.format("lint"))
    assert ["file trustpub.toml", f"file {NEW}"] == [each.key for each in steps(tmp_path)]


@pytest.mark.parametrize(
    ("step", "what"),
    [
        ("    steps:\n      - uses: someone/pypi-upload-action@v1\n", "runs `someone/pypi-upload-action@v1`, which may publish"),
        ("    uses: someone/flows/.github/workflows/publish-to-pypi.yml@v1\n", "which may publish, and is not in this checkout"),
        (
            "    steps:\n      - run: ./ship.sh\n        env: {SECRET: '${{ secrets.PYPI_TOKEN }}'}\n",
            "uses the secret `PYPI_TOKEN`",
        ),
        (
            "    steps:\n      - run: python -m build ${{ steps.a.outputs.b }} && twine upload ${{ steps.a.outputs.b }}/dist/*\n",
            "uploads what cannot be told from here",
        ),
    ],
)
def test_no_workflow_is_written_beside_what_may_publish_and_could_not_be_read(step: str, what: str, tmp_path: Path) -> None:
    """Nothing is proposed but in words; somebody who wishes for a file by its name gets it."""
    runs = "" if "steps" not in step else "    runs-on: ubuntu-latest\n"
    checkout(tmp_path, {RELEASE: f"on: release\npermissions:\n  id-token: write\njobs:\n  publish:\n{runs}{step}"})
    (only,) = [each for each in steps(tmp_path) if each.changes or each.cannot]
    wished = [each.key for each in steps(tmp_path, Wishes(workflow="pypi.yml"))]

    assert ("workflows", None, True) == (only.key, only.apply, what in only.cannot)
    assert ["file trustpub.toml", f"file {NEW}"] == wished


@pytest.mark.parametrize("name", RELEASES)
def test_any_publishing_file_is_mended_once(name: str, tmp_path: Path) -> None:
    """In thirty styles: what can be done is done, the rest is said, and the second time nothing is changed."""
    checkout(tmp_path, {RELEASE: RELEASES[name]})
    made(tmp_path)
    before = bytes_of(tmp_path)
    again = made(tmp_path)

    assert before == bytes_of(tmp_path)
    assert [] == [step.key for step in again if step.apply is not None]
    told_of = {(row.project, row.index) for row in proposed(read(tmp_path)).declaration.publishers}
    fine = {(project, index) for project, index, *_, verdict in published(tmp_path) if verdict in ("publishes", "depends")}
    assert told_of <= fine | {("tool", step.key.rpartition(" ")[2]) for step in again if step.cannot}


def test_a_file_that_nobody_can_read_is_named(tmp_path: Path) -> None:
    """A publisher's file that is no YAML is the person's to mend."""
    checkout(tmp_path, {RELEASE: "on: [push\n", "trustpub.toml": PUBLISHER})
    left = steps(tmp_path)[-1]

    assert "cannot be read" in left.cannot
    assert left.apply is None


@pytest.mark.parametrize("shape", ["\ufeff", "\r\n"])
def test_a_file_keeps_its_mark_and_its_line_ends(shape: str, tmp_path: Path) -> None:
    """As somebody's editor wrote it."""
    data = TRUSTED.replace("\n", "\r\n") if shape == "\r\n" else shape + TRUSTED
    checkout(tmp_path, {"trustpub.toml": PUBLISHER})
    (tmp_path / RELEASE).parent.mkdir(parents=True)
    (tmp_path / RELEASE).write_bytes(data.encode())
    made(tmp_path)
    after = (tmp_path / RELEASE).read_bytes().decode()

    assert '"live" # a wish' in after
    assert (data[0], "\r\n" in data) == (after[0], "\r\n" in after)
    assert after.count("\n") in (after.count("\r\n"), after.count("\n") if "\r\n" not in data else -1)


def test_what_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    """Between the plan and the answer somebody may have edited a file, or made the new one."""
    checkout(tmp_path, {RELEASE: TRUSTED, "trustpub.toml": PUBLISHER})
    planned = steps(tmp_path, Wishes(indexes=("testpypi", "pypi")))
    (tmp_path / RELEASE).write_text("# mine\n")
    (tmp_path / ".github/workflows/testpypi.yml").write_text("# mine\n")
    for step in planned[1:]:
        assert step.apply is not None
        assert step.read_back is not None
        with pytest.raises(BadInput, match=r"changed while|by now"):
            step.apply()
        assert step.read_back()

    assert "# mine\n" == text(tmp_path) == text(tmp_path, ".github/workflows/testpypi.yml")


def test_a_declaration_that_was_broken_meanwhile_reads_back_as_such(tmp_path: Path) -> None:
    """It says so, and does not raise."""
    checkout(tmp_path)
    step = steps(tmp_path)[0]
    (tmp_path / "trustpub.toml").write_text("[")
    assert step.read_back is not None

    assert step.read_back()


def test_nothing_is_created_outside_or_over_anything(tmp_path: Path) -> None:
    """Not behind a link, not over a file, and the rights are those of any new file."""
    root = tmp_path / "root"
    (tmp_path / "outside").mkdir()
    root.mkdir()
    (root / "link").symlink_to(tmp_path / "outside")
    (root / "dangling.yml").symlink_to(tmp_path / "outside" / "none.yml")
    (root / "file").write_text("a")

    for path, problem in (("link/a.yml", BadInput), ("dangling.yml", BadInput), ("file", BadInput), ("file/a.yml", Broken)):
        with pytest.raises(problem):
            create(str(root), path, b"b")
    with pytest.raises(Broken, match=r"`file` is a file, and a folder of this name is needed. Move `file` away"):
        create(str(root), "file/deep/a.yml", b"b")
    (root / "taken.toml").mkdir()
    with pytest.raises(Broken, match=r"it is a folder, and a file of this name is needed. Move `taken.toml` away"):
        create(str(root), "taken.toml", b"b")
    create(str(root), "new/folder/a.yml", b"b")

    assert [] == list((tmp_path / "outside").iterdir())
    (root / "plain").touch()
    assert (root / "plain").stat().st_mode == (root / "new/folder/a.yml").stat().st_mode
    assert ["a.yml"] == [path.name for path in (root / "new/folder").iterdir()]


def test_lines_are_told_piece_by_piece() -> None:
    """Added, taken out, changed, each with its first line."""
    before, after = b"a\nb\nc\nd\ne\n", b"a\nB\nc\ne\nf\n"

    assert [
        Change("~", "line 2", "b", "B"),
        Change("-", "line 4", "d", ""),
        Change("+", "line 6", "", "f"),
    ] == list(lines_that_differ(before, after))


def test_a_secret_in_a_file_is_not_shown(tmp_path: Path) -> None:
    """A token that stands in the workflow itself is taken out, and no change repeats it."""
    secret = "pypi-" + "AgEIcHlwaS5vcmc" * 2
    checkout(tmp_path, {RELEASE: BY_TOKEN.replace("${{ secrets.PYPI_TOKEN }}", secret)})
    planned = steps(tmp_path)

    assert secret not in repr(planned)
    assert [True] == ["password: " in change.before for step in planned for change in step.changes if change.sign == "-"]


def tags_of(folder: Path, path: str = NEW) -> list[str]:
    """The lines of a file on its tags."""
    return [line.strip() for line in text(folder, path).splitlines() if line.strip().startswith("tags:")]


def test_packages_that_are_set_up_one_by_one_share_a_file_and_no_tag(tmp_path: Path) -> None:
    """Each has the names that it has in the whole: one tag never releases two."""
    checkout(tmp_path, MANY)
    made(tmp_path, Wishes(packages=("packages/alpha",)))
    assert ['tags: ["alpha-v*"]'] == tags_of(tmp_path)
    made(tmp_path, Wishes(packages=("packages/beta",)))

    assert ['tags: ["alpha-v*", "beta-v*"]'] == tags_of(tmp_path)
    assert [NEW] == [path for path in bytes_of(tmp_path) if path.startswith(".github/")]
    assert {
        (name, index, NEW, f"{index}-{name}", "publishes") for name in ("alpha", "beta") for index in ("testpypi", "pypi")
    } == published(tmp_path)
    again = steps(tmp_path, Wishes(packages=("packages/beta",)))
    assert [] == [step.key for step in again if step.changes or step.cannot]


@pytest.mark.parametrize("event", ["tag", "release"])
def test_pypi_after_testpypi_goes_into_the_same_file(event: Literal["tag", "release"], tmp_path: Path) -> None:
    """The file stands as setup wrote it, so it is written for both; plain setup asks for PyPI too, and keeps the commits."""
    checkout(tmp_path)
    made(tmp_path, Wishes(indexes=("testpypi",), event=event))
    path = tmp_path / NEW
    path.write_text(re.sub(r"(actions/checkout)@[0-9a-f]{40} # \S+", rf"\1@{'a' * 40} # v9.9.9", path.read_text()))
    made(tmp_path, Wishes(event=event))

    assert {("tool", index, NEW, index, "publishes") for index in ("testpypi", "pypi")} == published(tmp_path)
    assert f"actions/checkout@{'a' * 40} # v9.9.9" in text(tmp_path, NEW)


def test_a_file_that_somebody_changed_is_left_and_the_job_is_told(tmp_path: Path) -> None:
    """Whoever made the file his own pastes the job himself: its words are in the plan, and no second file is written."""
    checkout(tmp_path)
    made(tmp_path, Wishes(indexes=("testpypi",)))
    (tmp_path / NEW).write_text(text(tmp_path, NEW).replace("timeout-minutes: 15", "timeout-minutes: 20"))
    before = bytes_of(tmp_path)[NEW]
    left = made(tmp_path, Wishes(indexes=("pypi",)))[-1]

    assert (f"file {NEW}: tool to pypi", None) == (left.key, left.apply)
    assert "no job of it uploads `tool` to pypi" in left.cannot
    assert "\n  publish-pypi:\n" in left.changes[0].after
    assert before == bytes_of(tmp_path)[NEW]
    assert [NEW] == [path for path in bytes_of(tmp_path) if path.startswith(".github/")]
