"""`trustpub.toml` is edited: what is desired is there afterwards, and no other letter has changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustpub.domain.declaration import (
    Declaration,
    DeclaredAccount,
    DeclaredEnvironment,
    DeclaredIndex,
    DeclaredPublisher,
    parse,
)
from trustpub.domain.publishers import Provider
from trustpub.errors import BadInput
from trustpub.usecases.setup.declaration_text import changes, written

PATH = "trustpub.toml"
OWN = """\
# ours
[[publisher]] # the first
project = "tool" # its name
owner    =   "Octo"
repository = "tool"
workflow = "release.yml"

# and the other one
[[publisher]]
project = 'tool'
index = "testpypi"
owner = "Octo"
repository = "tool"
workflow = "release.yml"

# a person looks first
[environments.pypi] # rules
tags = [
  "v*", # releases
]

[tags]
protect = ["v*"]
# the end
"""
INLINE = """\
publisher = [{ project = "tool", owner = "Octo", repository = "tool", workflow = "release.yml" }]
environments = { pypi = { tags = ["v*"] } }
tags.protect = ["v*"]
"""
PYPROJECT = """\
[project]
name = "tool"

[tool.trustpub.environments.pypi]
tags = ["v*"]

[[tool.trustpub.publisher]]
project = "tool"
owner = "Octo"
repository = "tool"
workflow = "release.yml"

# ruff is another matter
[tool.ruff]
line-length = 100 # wide
"""
ROW = DeclaredPublisher("tool", "pypi", Provider.GITHUB, "Octo", "", "tool", "release.yml", "", "", "")


def edited(text: str, desired: Declaration, path: str = PATH) -> str:
    """A text after the edit."""
    return written(text.encode(), path, desired).decode()


def read(text: str, path: str = PATH) -> Declaration:
    """Parse a declaration."""
    return parse(text.encode(), path)


@pytest.mark.parametrize(
    ("text", "path"), [(OWN, PATH), (INLINE, PATH), (PYPROJECT, "pyproject.toml"), ("", PATH), ("# nothing\n", PATH)]
)
def test_without_a_difference_nothing_is_written(text: str, path: str) -> None:
    """The bytes are the same."""
    assert text == edited(text, read(text, path), path)


def test_a_field_is_set_in_its_place() -> None:
    """Lines, spaces, quotes and comments of everything else stay; a new key stands behind the last one of its table."""
    before = read(OWN)
    first, second = before.publishers
    desired = before._replace(publishers=(first._replace(owner="octo", owner_id="7"), second._replace(stated="2026-11-22")))
    stated = 'workflow = "release.yml"\nstated = 2026-11-22\n\n# a person'
    expected = OWN.replace('owner    =   "Octo"', 'owner    =   "octo"').replace(
        'workflow = "release.yml"\n\n# and', 'workflow = "release.yml"\nowner_id = "7"\n\n# and'
    )
    expected = expected.replace('workflow = "release.yml"\n\n# a person', stated)

    assert expected == edited(OWN, desired)


def test_new_tables_leave_comments_with_what_they_are_about() -> None:
    """A new publisher stands behind the others, a new environment behind the others, and the comments stay where they were."""
    before = read(OWN)
    desired = before._replace(
        publishers=(*before.publishers, ROW._replace(project="more", environment="pypi-more")),
        environments={**before.environments, "pypi-more": DeclaredEnvironment("pypi-more", tags=("more-v*",))},
        tag_bypass=("admin", "octo/release"),
        attestations=True,
    )
    publisher = '[[publisher]]\nproject = "more"\nindex = "pypi"\nowner = "Octo"\nrepository = "tool"\nworkflow = "release.yml"\n'
    expected = OWN.replace("# a person", f'{publisher}environment = "pypi-more"\n\n# a person')
    expected = expected.replace("]\n\n[tags]", ']\n\n[environments.pypi-more]\ntags = ["more-v*"]\n\n[tags]')
    expected = expected.replace('protect = ["v*"]\n', 'protect = ["v*"]\nbypass = ["admin", "octo/release"]\n')

    assert f"{expected}\n[attestations]\nrequired = true\n" == edited(OWN, desired)


@pytest.mark.parametrize(("text", "path"), [(INLINE, PATH), (PYPROJECT, "pyproject.toml"), (OWN.replace("\n", "\r\n"), PATH)])
def test_other_ways_to_write_it(text: str, path: str) -> None:
    """Inline tables, a `pyproject.toml`, and lines that end as on Windows: all say what is desired, and nothing is lost."""
    before = read(text, path)
    desired = before._replace(
        publishers=(before.publishers[0]._replace(owner_id="7"), *before.publishers[1:], ROW._replace(project="more")),
        environments={**before.environments, "live": DeclaredEnvironment("live", ("ann",), 5)},
        accounts={"pypi": DeclaredAccount("pypi", "ann", "2026-11-22")},
    )
    after = edited(text, desired, path)

    assert desired == read(after, path)
    assert ("\r\n" in text) == ("\r\n" in after)
    assert after.count("\n") == (after.count("\r\n") or after.count("\n"))
    for line in text.splitlines():
        if "#" in line:
            assert line in after.splitlines()


def test_a_comment_before_the_next_part_of_a_pyproject_stays_with_it() -> None:
    """What is added stands before it."""
    before = read(PYPROJECT, "pyproject.toml")
    after = edited(PYPROJECT, before._replace(tag_protect=("v*",)), "pyproject.toml")

    assert after.endswith('[tool.trustpub.tags]\nprotect = ["v*"]\n\n' + PYPROJECT[PYPROJECT.index("# ruff") :])


NEW_FILE = """\
# What this repository wants to be true of its releases. `trustpub setup` makes it so, `trustpub check` compares.

[[publisher]]
project = "tool"
index = "testpypi"
owner = "Octo"
repository = "tool"
workflow = "release.yml"
environment = "testpypi"

[[publisher]]
project = "tool"
index = "pypi"
owner = "Octo"
owner_id = "7"
repository = "tool"
workflow = "release.yml"
environment = "pypi"
path = "a"
pending = true

# Test uploads leave from here.
[environments.testpypi]
branches = ["main"]

# Releases leave from here. A tag push is admitted by a tag rule only, never by one for a branch.
[environments.pypi]
tags = ["v*"]
admins_bypass = false

# Whoever can make such a tag can release.
[tags]
protect = ["v*"]
"""


def test_a_new_file() -> None:
    """Short comments, and only what says something."""
    desired = Declaration(
        publishers=(
            ROW._replace(index="testpypi", environment="testpypi"),
            ROW._replace(environment="pypi", owner_id="7", path="a", pending=True),
        ),
        environments={
            "testpypi": DeclaredEnvironment("testpypi", branches=("main",)),
            "pypi": DeclaredEnvironment("pypi", tags=("v*",), admins_bypass=False),
        },
        tag_protect=("v*",),
    )

    assert NEW_FILE == written(None, PATH, desired).decode()
    assert NEW_FILE == written(b"\n", PATH, desired).decode()


def test_what_differs_is_told_field_by_field() -> None:
    """In the words of the file: what is new, what was otherwise."""
    before = read(OWN)
    first, second = before.publishers
    desired = before._replace(
        publishers=(first._replace(owner="octo", owner_id="7"), second, ROW._replace(project="more")),
        environments={"pypi": before.environments["pypi"]._replace(admins_bypass=False)},
        vars={"ENV": "live"},
    )

    assert [
        ("~", "publisher tool on pypi: owner", '"Octo"', '"octo"'),
        ("+", "publisher tool on pypi: owner_id", "", '"7"'),
        ("+", "publisher more on pypi", "", "Octo/tool, release.yml"),
        ("+", "environments.pypi: admins_bypass", "", "false"),
        ("+", "vars.ENV", "", '"live"'),
    ] == [(each.sign, each.field, each.before, each.after) for each in changes(before, desired)]


def test_a_file_that_cannot_be_edited_says_what_to_write() -> None:
    """Keys that are spread over dotted names may be beyond an edit: then a person is told, and nothing is lost."""
    text = 'environments.pypi.tags = ["v*"]\nenvironments.live.tags = ["w*"]\n'
    before = read(text)
    desired = before._replace(environments={**before.environments, "more": DeclaredEnvironment("more", tags=("x*",))})
    with pytest.raises(BadInput, match="not edited here") as refused:
        edited(text, desired)

    assert 'environments.more: tags = ["x*"]' in refused.value.next_step


LETTERS = st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"))
names = st.text(LETTERS, min_size=1, max_size=8)
patterns = st.lists(st.sampled_from(["v*", "main", 'a"b', "ü", "release/*"]), max_size=3).map(tuple)
flags = st.sampled_from([None, True, False])
days = st.sampled_from(["", "2026-11-22", "2028-02-29"])
environments = st.builds(
    DeclaredEnvironment,
    name=st.just(""),
    reviewers=st.lists(st.sampled_from(["ann", "octo/team"]), max_size=2).map(tuple),
    wait_minutes=st.sampled_from([None, 0, 5]),
    branches=patterns,
    tags=patterns,
    admins_bypass=flags,
    prevent_self_review=flags,
)
rows = st.builds(
    ROW._replace,
    project=names,
    index=st.sampled_from(["pypi", "testpypi", "own"]),
    owner_id=st.sampled_from(["", "7"]),
    environment=st.sampled_from(["", "pypi", "a b"]),
    path=st.sampled_from(["", "a/b"]),
    pending=st.booleans(),
    stated=days,
)
accounts = st.builds(DeclaredAccount, name=st.just("pypi"), user=st.sampled_from(["", "ann"]), stated=days)


@st.composite
def declarations(draw: st.DrawFn) -> Declaration:
    """Any declaration that the parser could have read."""
    named = {name.lower(): draw(environments)._replace(name=name.lower()) for name in draw(st.lists(names, max_size=3))}
    return Declaration(
        publishers=tuple(draw(st.lists(rows, max_size=4))),
        environments=named,
        indexes={"own": DeclaredIndex("own", "https://own.example/", draw(st.sampled_from(["", "own"])))},
        tag_protect=draw(patterns),
        vars=draw(st.dictionaries(names, st.text(LETTERS, max_size=5), max_size=2)),
        accounts={"pypi": draw(accounts)} if draw(st.booleans()) else {},
        attestations=draw(flags),
        tag_bypass=draw(st.sampled_from([("admin",), ("maintain", "octo/team")])),
    )


@given(declarations())
def test_any_new_file_says_what_is_desired(desired: Declaration) -> None:
    """Whatever the names are."""
    assert desired == parse(written(None, PATH, desired), "")


@given(declarations(), declarations())
def test_any_file_that_was_written_can_be_edited(before: Declaration, desired: Declaration) -> None:
    """What is desired is there, what was there and is not spoken of stays, and a second edit changes nothing."""
    there = written(None, PATH, before)
    after = written(there, PATH, desired)
    read_again = parse(after, "")

    assert [] == list(changes(read_again, desired))
    assert set(before.environments) | set(desired.environments) == set(read_again.environments)
    assert len(read_again.publishers) >= len(before.publishers)
    assert after == written(after, PATH, desired)


@given(declarations(), declarations(), st.sampled_from([(OWN, PATH), (INLINE, PATH), (PYPROJECT, "pyproject.toml")]))
def test_a_files_own_words_stay(one: Declaration, other: Declaration, way: tuple[str, str]) -> None:
    """After two edits of any kind every comment is still there, each once."""
    text, path = way
    after = edited(edited(text, one, path), other, path)
    for comment in ("# ours", "# its name", "# and the other one", "# a person", "# releases", "# the end", "# ruff", "# wide"):
        assert text.count(comment) == after.count(comment)


@pytest.mark.parametrize("before", ['[indexes.own]\nurl = "https://own.example/"\n', '[vars]\nA = "b" # said\n\n', "# mine\n"])
def test_a_first_publisher_stands_apart(before: str) -> None:
    """One blank line is before it, whatever stood last."""
    after = edited(before, read(before)._replace(publishers=(ROW,)))

    assert "\n\n[[publisher]]\n" in after
    assert "\n\n\n" not in after
