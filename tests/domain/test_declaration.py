"""`trustpub.toml`: what it says, and how a slip in it is answered."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustpub.domain.declaration import Declaration, DeclaredEnvironment, parse
from trustpub.domain.publishers import DEFAULT_ISSUERS, Provider
from trustpub.errors import BadInput, BrokenFile

ROW = '[[publisher]]\nproject = "tool"\nowner = "Octo"\nrepository = "tool"\nworkflow = "release.yml"\n'


def read(text: str, path: str = "trustpub.toml") -> Declaration:
    """Parse a declaration."""
    return parse(text.encode(), path)


def refused(text: str) -> BadInput:
    """Parse what must be refused."""
    with pytest.raises(BadInput) as caught:
        read(text)
    return caught.value


def test_a_publisher_with_its_defaults() -> None:
    """PyPI and GitHub unless it says otherwise; what may be left out is empty."""
    (row,) = read(ROW).publishers
    assert ("tool", "pypi", Provider.GITHUB, "Octo", "", "tool", "release.yml", "", "", "") == (
        row.project,
        row.index,
        row.provider,
        row.owner,
        row.owner_id,
        row.repository,
        row.workflow,
        row.environment,
        row.issuer,
        row.path,
    )


def test_the_row_that_the_index_holds() -> None:
    """PyPI keeps GitHub's environments in lower case, and names as they were typed."""
    (declared,) = read(ROW + 'environment = "PyPI"\nowner_id = "7"\n').publishers
    row = declared.registered()
    assert DEFAULT_ISSUERS[Provider.GITHUB] == row.issuer
    assert ["Octo", "7", "tool", "release.yml", "pypi"] == list(row.row().values())


def test_a_gitlab_publisher() -> None:
    """Owner is the namespace, the workflow a path, and an issuer of one's own belongs to it."""
    text = (
        ROW.replace("release.yml", "ci/release.yml")
        + 'provider = "gitlab"\nissuer = "https://git.example"\nenvironment = "Live"\n'
    )
    row = read(text).publishers[0].registered()
    assert ("https://git.example", "Octo", "ci/release.yml", "Live") == (
        row.issuer,
        row.get("namespace"),
        row.get("workflow_filepath"),
        row.get("environment"),
    )


@pytest.mark.parametrize(("written", "kept"), [('"7"', "7"), ("7", "7"), ('""', "")])
def test_an_owners_id_may_be_a_number(written: str, kept: str) -> None:
    """People write it both ways."""
    assert kept == read(f"{ROW}owner_id = {written}\n").publishers[0].owner_id


@pytest.mark.parametrize(("written", "kept"), [("a/b", "a/b"), ("./a/", "a"), (".", ""), ("", "")])
def test_a_folder_is_relative(written: str, kept: str) -> None:
    """In one spelling."""
    assert kept == read(f'{ROW}path = "{written}"\n').publishers[0].path


def test_environments_tags_indexes_and_variables() -> None:
    """Every table of the schema."""
    found = read(
        '[environments.PyPI]\nreviewers = ["ann"]\nwait_minutes = 5\nbranches = ["main"]\ntags = ["v*"]\nadmins_bypass = false\n'
        '[environments.plain]\n[tags]\nprotect = ["v*"]\n[indexes.own]\nurl = "https://own.example/legacy/"\naudience = "own"\n'
        '[vars]\nENV = "live"\nEMPTY = ""\n'
    )
    assert DeclaredEnvironment("PyPI", ("ann",), 5, ("main",), ("v*",), admins_bypass=False) == found.environment("pypi")
    assert DeclaredEnvironment("plain") == found.environments["plain"]
    assert (None, ("v*",), "own", {"ENV": "live", "EMPTY": ""}) == (
        found.environment("none"),
        found.tag_protect,
        found.indexes["own"].audience,
        found.vars,
    )


@pytest.mark.parametrize(
    ("text", "passing"),
    [
        ("", ("admin",)),
        ('[tags]\nprotect = ["v*"]\n', ("admin",)),
        ('[tags]\nbypass = ["maintain", "octo/release"]\n', ("maintain", "octo/release")),
    ],
)
def test_who_may_make_protected_tags(text: str, passing: tuple[str, ...]) -> None:
    """Administrators, where nothing else is said."""
    assert passing == read(text).tag_bypass


def test_what_people_state() -> None:
    """Accounts and publishers are somebody's word of a day; dates may stand in quotes."""
    found = read(
        '[accounts.own]\nuser = "ann"\nstated = 2026-11-22\n[indexes.own]\nurl = "https://own.example/"\n'
        "[attestations]\nrequired = true\n" + ROW + 'pending = true\nstated = "2026-11-21"\n'
    )
    assert ("ann", "2026-11-22", True) == (found.accounts["own"].user, found.accounts["own"].stated, found.attestations)
    assert (True, "2026-11-21") == (found.publishers[0].pending, found.publishers[0].stated)


def test_the_same_tables_in_pyproject() -> None:
    """Below `[tool.trustpub]`; a pyproject without it declares nothing."""
    text = ROW.replace("[[publisher]]", "[[tool.trustpub.publisher]]")
    assert read(ROW).publishers == read(text, "sub/pyproject.toml").publishers
    assert Declaration() == read('[project]\nname = "x"\n', "pyproject.toml")


@pytest.mark.parametrize(
    ("text", "where", "step"),
    [
        ("[[publishers]]\n", "publishers", "`publisher`"),
        (ROW + 'enviroment = "x"\n', "publisher[1].enviroment", "`environment`"),
        (ROW + ROW + 'ownerid = "x"\n', "publisher[2].ownerid", "`owner_id`"),
        ("[environments.a]\ntag = []\n", "environments.a.tag", "`tags`"),
        ("[tags]\nprotected = []\n", "tags.protected", "`protect`"),
        ("[tags]\nbypas = []\n", "tags.bypas", "`bypass`"),
        ("[accounts.testpipy]\n", "accounts.testpipy", "`testpypi`"),
        ("[accounts.pypi]\nusers = 1\n", "accounts.pypi.users", "`user`"),
        ("[attestations]\nrequire = true\n", "attestations.require", "`required`"),
        ('[indexes.a]\nuri = "x"\n', "indexes.a.uri", "`url`"),
        ("[environments.a]\nzzzz = 1\n", "environments.a.zzzz", "Keys: reviewers"),
        ('[[publisher]]\nindex = "pypy"\n' + ROW.split("\n", 1)[1], "publisher[1].index", "`pypi`"),
        ('[[publisher]]\nindex = "zzzzz"\n' + ROW.split("\n", 1)[1], "publisher[1].index", "[indexes.zzzzz]"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(text: str, where: str, step: str) -> None:
    """A misspelt key would protect nothing."""
    found = refused(text)
    assert f"trustpub.toml: {where}" == found.what
    assert step in found.next_step


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("publisher = 1\n", "publisher"),
        ("publisher = [1]\n", "publisher[1]"),
        ("[publisher]\n", "publisher"),
        (ROW.replace('"tool"', "1", 1), "publisher[1].project"),
        (ROW.replace('project = "tool"\n', ""), "publisher[1].project"),
        (ROW.replace('"Octo"', '""'), "publisher[1].owner"),
        (ROW.replace("release.yml", "release"), "publisher[1].workflow"),
        (ROW.replace("release.yml", ".github/workflows/release.yml"), "publisher[1].workflow"),
        (ROW + "owner_id = true\n", "publisher[1].owner_id"),
        (ROW + 'owner_id = "x7"\n', "publisher[1].owner_id"),
        (ROW + 'provider = "google"\n', "publisher[1].provider"),
        (ROW + 'path = "../x"\n', "publisher[1].path"),
        (ROW + 'path = "/x"\n', "publisher[1].path"),
        (ROW + "environment = []\n", "publisher[1].environment"),
        ("environments = 1\n", "environments"),
        ("[environments]\na = 1\n", "environments.a"),
        ("[environments.a]\nwait_minutes = 50000\n", "environments.a.wait_minutes"),
        ("[environments.a]\nwait_minutes = true\n", "environments.a.wait_minutes"),
        ("[environments.a]\nadmins_bypass = 1\n", "environments.a.admins_bypass"),
        ('[environments.a]\ntags = "v*"\n', "environments.a.tags"),
        ("[environments.a]\nbranches = [1]\n", "environments.a.branches"),
        ("[environments.a]\n[environments.A]\n", "environments.A"),
        ("tags = []\n", "tags"),
        ('[indexes.pypi]\nurl = "https://x.example/"\n', "indexes.pypi"),
        ("[indexes.a]\n", "indexes.a.url"),
        ('[indexes.a]\nurl = "ftp://x.example/"\n', "indexes.a.url"),
        ('[indexes.a]\nurl = "https://me:secret@x.example/"\n', "indexes.a.url"),
        ("[vars]\nX = 1\n", "vars.X"),
        ('[environments.a]\nreviewers = ["@ann"]\n', "environments.a.reviewers"),
        ('[environments.a]\nreviewers = ["a", "b", "c", "d", "e", "f", "g"]\n', "environments.a.reviewers"),
        ('[environments.a]\ntags = ["refs/tags/v*"]\n', "environments.a.tags"),
        ('[environments.a]\nbranches = ["refs/heads/main"]\n', "environments.a.branches"),
        ("[environments.a]\nprevent_self_review = 1\n", "environments.a.prevent_self_review"),
        ('[tags]\nprotect = ["refs/tags/v*"]\n', "tags.protect"),
        ("[tags]\nbypass = []\n", "tags.bypass"),
        ('[tags]\nbypass = ["write"]\n', "tags.bypass"),
        ("[accounts.a]\n", "accounts.a"),
        ("[accounts.pypi]\nstated = 1\n", "accounts.pypi.stated"),
        ("accounts = []\n", "accounts"),
        ("[attestations]\nrequired = 1\n", "attestations.required"),
        (ROW + "pending = 1\n", "publisher[1].pending"),
        (ROW + 'stated = "2026-13-01"\n', "publisher[1].stated"),
        (ROW + 'stated = "2026-02-30"\n', "publisher[1].stated"),
        ("[vars]\nX = 2026-11-22\n", "vars.X"),
    ],
)
def test_a_wrong_value_is_named_by_its_field(text: str, where: str) -> None:
    """One line: the file, the field, and what it must be."""
    found = refused(text)
    assert f"trustpub.toml: {where}" == found.what
    assert found.why


def test_a_secret_in_an_address_is_not_repeated() -> None:
    """Error messages end up in logs."""
    assert "secret" not in str(refused('[indexes.a]\nurl = "https://me:secret@x.example/"\n'))


@pytest.mark.parametrize(
    ("data", "line", "column", "text"),
    [
        (b"[tags]\nprotect = ]\n", 2, 11, "protect = ]"),
        (b"x =", 1, 4, "x ="),
        (b"a = 1\na = 2\n", 2, 6, "a = 2"),
        (b"ok = 1\nx = \xff", 2, 1, ""),
    ],
)
def test_what_is_not_toml_is_pointed_at(data: bytes, line: int, column: int, text: str) -> None:
    """File, line, column, and the line itself."""
    with pytest.raises(BrokenFile) as caught:
        parse(data, "trustpub.toml")
    assert ("trustpub.toml", line, column, text) == (caught.value.path, caught.value.line, caught.value.column, caught.value.text)


def test_a_byte_order_mark_is_named() -> None:
    """Nobody sees it in an editor, so the line itself would say nothing."""
    with pytest.raises(BrokenFile, match=r"byte order mark.* Save it as UTF-8 without one"):
        parse(b"\xef\xbb\xbf[tags]\n", "trustpub.toml")


def test_what_is_missing_is_to_be_written() -> None:
    """The field, and how to write it."""
    assert str(refused("[[publisher]]\nproject = 'a'\n")).endswith('publisher[1].owner: is missing. Write `owner = "..."` there')


def test_a_deep_file_is_refused() -> None:
    """Not with a recursion error."""
    with pytest.raises(BrokenFile):
        read("x = " + "[" * 100_000)


@given(st.text(alphabet='[]publisher="\n .0v{}', max_size=60) | st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing but `BadInput` ever comes out."""
    with contextlib.suppress(BadInput):
        assert isinstance(read(text), Declaration)
