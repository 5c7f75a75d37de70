"""Predicting a checkout: what is found, what is chosen, and each clear line when there is nothing to predict."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.usecases.checkouts import PROJECT, ROW, WORKFLOW, book, ordinary, put
from trustpub.errors import BadInput, BrokenFile
from trustpub.parties.git import Checkout
from trustpub.parties.index.addresses import Addresses
from trustpub.usecases.package import choose_package
from trustpub.usecases.predict import Options, Predictions, run, run_for_one_package, without_credentials

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "orchay"


def predicted(root: Path, **options: str) -> Predictions:
    """Predict a checkout."""
    return run(Checkout.open(root), Options(**options), book(root.parent))


def refused(root: Path, **options: str) -> BadInput:
    """Predict what must be refused."""
    with pytest.raises(BadInput) as caught:
        predicted(root, **options)
    return caught.value


def test_an_ordinary_repository(tmp_path: Path) -> None:
    """Remote, package and version make the example."""
    found = predicted(ordinary(tmp_path / "r"))
    assert [("push", "refs/tags/v4.5"), ("release", "refs/tags/v4.5")] == [(p.event, p.ref) for p in found.predictions]
    assert ("octo/tool", "tool", ".", True) == (
        found.repository.slug,
        found.package and found.package.name,
        found.package and found.package.path,
        found.hopeful,
    )


def test_the_worked_example() -> None:
    """Both legs publish, as the declaration says, and no tag gets to TestPyPI; its remote is not this repository's."""
    found = run(Checkout.open(EXAMPLE), Options(), Addresses(EXAMPLE / "nowhere"))
    assert [
        ("testpypi", "workflow_dispatch", "branch", "publishes"),
        ("testpypi", "workflow_dispatch", "tag", "refused"),
        ("pypi", "push", "tag", "publishes"),
    ] == [(p.index, p.event, p.ref_types[0], p.verdict) for p in found.predictions]
    assert {"orchay-dev/orchay"} == {p.claims["repository"] for p in found.predictions}
    assert {"orchay"} == {p.package for p in found.predictions}
    assert [(("testpypi", "true"),), (("testpypi", "true"),), ()] == [p.inputs for p in found.predictions]


def test_the_example_from_its_package_folder() -> None:
    """Any folder of a project leads to the project."""
    found = run(Checkout.open(EXAMPLE / "orchay"), Options(), Addresses(EXAMPLE / "nowhere"))
    assert "orchay" == (found.package and found.package.path)


def test_options_choose(tmp_path: Path) -> None:
    """An event, an index, a workflow by name or path, a job."""
    root = ordinary(tmp_path / "r")
    assert ["release"] == [p.event for p in predicted(root, event="release").predictions]
    for options in (
        {"index": "pypi"},
        {"workflow": "release.yml"},
        {"workflow": ".github/workflows/release.yml"},
        {"job": "publish"},
    ):
        assert 2 == len(predicted(root, **options).predictions)


@pytest.mark.parametrize(
    ("options", "choices"),
    [
        ({"index": "testpypi"}, "`pypi`"),
        ({"workflow": "relase.yml"}, "`release.yml`"),
        ({"job": "publsh"}, "`publish`"),
        ({"event": "pusch"}, "`push`, `release`"),
        ({"package": "sub"}, "`.`"),
    ],
)
def test_an_option_that_names_nothing_says_what_there_is(tmp_path: Path, options: dict[str, str], choices: str) -> None:
    """With the names to choose from."""
    found = refused(ordinary(tmp_path / "r"), **options)
    (name, value), *_ = options.items()
    assert f"--{name} `{value}`" == found.what
    assert choices in found.next_step


def test_the_remote_goes_before_the_declaration(tmp_path: Path) -> None:
    """A repository's own remote says where it runs: the declaration then differs, and that is told."""
    found = predicted(ordinary(tmp_path / "r", **{"trustpub.toml": "[[publisher]]\n" + ROW.replace("octo", "old")}))
    assert {"octo/tool"} == {p.claims["repository"] for p in found.predictions}
    assert {"refused"} == {p.verdict for p in found.predictions}
    assert not found.hopeful


def test_the_declared_owner_id_is_known_only_for_that_owner(tmp_path: Path) -> None:
    """Another owner has another number."""
    row = "[[publisher]]\n" + ROW + 'owner_id = "7"\n'
    assert "7" == predicted(ordinary(tmp_path / "a", **{"trustpub.toml": row})).repository.owner_id
    other = row.replace('"octo"', '"other"')
    assert "" == predicted(ordinary(tmp_path / "b", **{"trustpub.toml": other})).repository.owner_id


@pytest.mark.parametrize(
    ("url", "index"),
    [
        ("https://upload.index.example/legacy/", "pypi"),
        ("https://test.index.example/legacy/", "testpypi"),
        ("https://own.example/legacy", "own"),
        ("https://me:secret@far.example/up/", "https://far.example/up/"),
    ],
)
def test_an_address_is_an_index(tmp_path: Path, url: str, index: str) -> None:
    """The public ones by their hosts, declared ones by their address; an unknown one is its address without credentials."""
    toml = '[indexes.own]\nurl = "https://own.example/legacy/"\naudience = "aud"\n'
    workflow = WORKFLOW.rstrip() + f"\n        with: {{repository-url: '{url}'}}\n"
    root = ordinary(tmp_path / "r", **{"trustpub.toml": toml, ".github/workflows/release.yml": workflow})
    found = predicted(root).predictions
    assert {index} == {p.index for p in found}
    assert {"aud" if index == "own" else index if "/" not in index else None} == {p.claims.get("aud") for p in found}


def test_a_name_that_the_package_gives_to_an_index(tmp_path: Path) -> None:
    """`uv publish --index NAME` reads the address from the project."""
    table = '[[tool.uv.index]]\nname = "staging"\nurl = "x"\npublish-url = "https://test.index.example/legacy/"\n'
    workflow = WORKFLOW.replace("uses: pypa/gh-action-pypi-publish@release/v1", "run: uv publish --index staging")
    root = ordinary(tmp_path / "r", **{".github/workflows/release.yml": workflow, "pyproject.toml": PROJECT + table})
    assert {"testpypi"} == {p.index for p in predicted(root).predictions}


def test_a_name_that_nothing_explains(tmp_path: Path) -> None:
    """It stays a name, and a doubt."""
    workflow = WORKFLOW.replace("uses: pypa/gh-action-pypi-publish@release/v1", "run: uv publish --index staging")
    found = predicted(ordinary(tmp_path / "r", **{".github/workflows/release.yml": workflow})).predictions
    assert {("staging", "depends")} == {(p.index, p.verdict) for p in found}


def test_credentials_are_taken_out_of_an_address() -> None:
    """Reports are shown to others."""
    assert "https://x.example/a@b" == without_credentials("https://me:secret@x.example/a@b")


def test_no_workflow(tmp_path: Path) -> None:
    """A folder without workflows."""
    assert "no workflow" in refused(put(tmp_path / "r", {"pyproject.toml": PROJECT})).why


def test_files_and_steps_that_were_looked_at(tmp_path: Path) -> None:
    """Every file counts, and what could not be followed is named: the upload may be there."""
    others = {f".github/workflows/other{number}.yml": "on: push\njobs: {a: {steps: [{run: make}]}}\n" for number in range(11)}
    script = "on: push\njobs: {a: {steps: [{run: ./tools/publish.sh}]}}\n"
    found = refused(ordinary(tmp_path / "r", **{".github/workflows/release.yml": script}, **others))
    assert "in the 12 workflow files that were read" in found.why
    assert "; not read: `.github/workflows/release.yml:2`: `./tools/publish.sh` may publish: " in found.why


def test_no_publishing_job(tmp_path: Path) -> None:
    """The workflows that were looked at are counted."""
    found = refused(
        ordinary(tmp_path / "r", **{".github/workflows/release.yml": "on: push\njobs: {a: {steps: [{run: make}]}}\n"})
    )
    assert ("no publishing job", True) == (found.what, "in the one workflow file that was read: neither an" in found.why)


def test_broken_yaml(tmp_path: Path) -> None:
    """File, line, column and the line itself."""
    root = ordinary(tmp_path / "r", **{".github/workflows/bad.yml": "on: release\njobs: [a\nb: c\n"})
    found = refused(root)
    assert isinstance(found, BrokenFile)
    assert (".github/workflows/bad.yml", 3, 2, "b: c") == (found.path, found.line, found.column, found.text)
    assert "bad.yml:3:2" in str(found)


def test_a_broken_file_does_not_hide_another_one(tmp_path: Path) -> None:
    """When that other one is asked for by its name, or when nothing in the broken one speaks of publishing: then it is named."""
    root = ordinary(tmp_path / "r", **{".github/workflows/bad.yml": "on: [\n"})
    assert 2 == len(predicted(root, workflow="release.yml").predictions)
    assert [".github/workflows/bad.yml"] == [problem.path for problem in predicted(root).not_read]
    assert isinstance(refused(root, workflow="bad.yml"), BrokenFile)
    (root / ".github/workflows/bad.yml").write_text("on: [ # twine upload\n")
    assert isinstance(refused(root), BrokenFile)


def test_a_publishing_file_that_github_refuses(tmp_path: Path) -> None:
    """A key that stands twice is an error of that file."""
    found = refused(ordinary(tmp_path / "r", **{".github/workflows/release.yml": WORKFLOW + "on: push\n"}))
    assert isinstance(found, BrokenFile)
    assert (9, "stands twice" in found.why) == (found.line, True)


def test_no_package(tmp_path: Path) -> None:
    """Neither of the two files is there."""
    root = ordinary(tmp_path / "r")
    (root / "pyproject.toml").unlink()
    assert "neither pyproject.toml nor setup.py" in refused(root).why


TWO = {"a/pyproject.toml": PROJECT.replace("tool", "alpha"), "b/setup.py": "setup(name='beta')"}


def two(root: Path, **more: str) -> Path:
    """A repository of two packages and none at its root."""
    ordinary(root, **TWO, **more)
    (root / "pyproject.toml").unlink()
    return root


def test_two_packages_and_nothing_says_which(tmp_path: Path) -> None:
    """It is said, and neither is guessed; one that is asked for is taken at its word."""
    found = predicted(two(tmp_path / "r"))
    assert [(None, None)] * 2 == [(p.project, p.package) for p in found.predictions]
    assert (
        "which of the 2 packages of this repository it uploads could not be told from the files" == found.predictions[0].why[-1]
    )
    assert ["beta", "beta"] == [p.project for p in predicted(two(tmp_path / "r"), package="b").predictions]


def test_a_rehearsal_needs_one_package(tmp_path: Path) -> None:
    """They are named; choosing one is enough."""
    checkout, addresses = Checkout.open(two(tmp_path / "r")), book(tmp_path)
    with pytest.raises(BadInput) as caught:
        run_for_one_package(checkout, Options(), addresses)
    found = caught.value
    assert ("2 packages and none is chosen", "Choose with --package: `a`, `b`") == (found.what, found.next_step)
    only = run_for_one_package(checkout, Options(package="b"), addresses)
    assert ("b", {"beta"}) == (only.package and only.package.path, {p.project for p in only.predictions})


LEGS = """\
on:
  push: {tags: ['*-v*']}
jobs:
  publish:
    strategy: {matrix: {package: [a, b]}}
    permissions: {id-token: write}
    steps:
      - run: python -m build ${{ matrix.package }}
      - uses: pypa/gh-action-pypi-publish@release/v1
        with: {packages-dir: '${{ matrix.package }}/dist'}
"""


def test_each_leg_has_its_package(tmp_path: Path) -> None:
    """With its name, and tags made of its own name and version; an option keeps the legs that carry it."""
    root = two(tmp_path / "r", **{".github/workflows/release.yml": LEGS})
    found = predicted(root)
    assert [("a", "alpha", "refs/tags/alpha-v4.5"), ("b", "beta", "refs/tags/beta-v1.2.3")] == [
        (p.package, p.project, p.ref) for p in found.predictions
    ]
    assert ["beta"] == [p.project for p in predicted(root, package="b").predictions]
    assert (None, 2) == (found.package, len(found.packages))


def test_a_package_that_nothing_uploads(tmp_path: Path) -> None:
    """The packages that are uploaded are named."""
    root = two(tmp_path / "r", **{".github/workflows/release.yml": LEGS.replace("[a, b]", "[a]")})
    found = refused(root, package="b")
    assert ("--package `b`", "no step uploads it", "There is: `a`") == (found.what, found.why, found.next_step)


def chosen(root: Path, path: str = ".", wanted: str | None = None, declared: tuple[str, ...] = ()) -> str:
    """The folder of the chosen package."""
    return choose_package(Checkout.open(root / path), wanted, declared).path


def test_how_a_package_is_chosen(tmp_path: Path) -> None:
    """By wish, by the folder that was asked for, by declaration, at the root, or because it is the only one."""
    root = ordinary(
        tmp_path / "r", **{"a/pyproject.toml": PROJECT, "b/c/pyproject.toml": PROJECT, "docs/pyproject.toml": PROJECT}
    )
    assert [".", "a", "b/c", "a", "b/c", "docs"] == [
        chosen(root),
        chosen(root, wanted="a"),
        chosen(root, "b", wanted="c"),
        chosen(root, "a"),
        chosen(root, declared=("b/c",)),
        chosen(root, wanted="docs/"),
    ]
    (root / "pyproject.toml").unlink()
    (root / "a/pyproject.toml").unlink()
    assert "b/c" == chosen(root)
    (root / "b/c/pyproject.toml").unlink()
    assert "docs" == chosen(root)


@pytest.mark.parametrize("wanted", ["nowhere", "..", "/", "../other"])
def test_a_package_outside_is_no_package(tmp_path: Path, wanted: str) -> None:
    """The folder must lie in the checkout."""
    root = ordinary(tmp_path / "r")
    put(tmp_path, {"other/pyproject.toml": PROJECT})
    with pytest.raises(BadInput, match="no package is there"):
        chosen(root, wanted=wanted)


def test_a_declared_folder_without_a_package(tmp_path: Path) -> None:
    """The declaration's field is named."""
    with pytest.raises(BadInput, match=r"publisher\.path `gone`"):
        chosen(ordinary(tmp_path / "r"), declared=("gone",))
