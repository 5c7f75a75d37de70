"""The list of attacks: every row names tests that exist, or says why it has none; and the few that have no better place."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.negative.attacks import PROPERTIES, RELYING_PARTY, WEB, Tests
from tests.negative.attacks_on_pages import ASVS
from tests.negative.place import Place
from tests.negative.test_roles import request
from tests.negative.who_may import TABLE
from trustpub.storage.database import Database
from trustpub.storage.tables import metadata
from trustpub.web.auth.headers import security_headers

ROWS = {**RELYING_PARTY, **PROPERTIES, **WEB, **ASVS}
ROOT = Path(__file__).parent.parent


@cache
def named_in(path: str) -> frozenset[str]:
    """The names of a file's tests."""
    tree = ast.parse((ROOT / path).read_text())
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("name", ROWS)
def test_every_row_is_covered(name: str) -> None:
    """By tests that are there, or by a reason."""
    told: Tests = ROWS[name]
    if isinstance(told, str):
        assert len(told) > 40
        return
    gone = [each for each in told if each.partition("::")[2] not in named_in(each.partition("::")[0])]
    assert (len(told) > 0, gone) == (True, [])


def test_the_list_is_whole() -> None:
    """Fifty rows of ASVS, nineteen properties."""
    assert [str(number) for number in range(1, 51)] == [name.split()[0] for name in ASVS]
    assert [f"P{number}" for number in range(1, 20)] == [name.split()[0] for name in PROPERTIES]


def test_a_new_index_has_nobody_in_it(tmp_path: Path) -> None:
    """No account, no token, no session that somebody could know."""
    with Database.open(tmp_path) as database, database.read() as connection:
        for table in ("users", "api_tokens", "sessions", "readers"):
            assert (table, []) == (table, connection.execute(select(metadata.tables[table])).all())


def test_https_stays_https() -> None:
    """For two years; over plain http nothing is said, for it would not be believed."""
    assert int(security_headers(https=True)["strict-transport-security"].partition("max-age=")[2].partition(";")[0]) >= 31_536_000
    assert "strict-transport-security" not in security_headers(https=False)


def test_no_answer_lets_another_site_read(tmp_path: Path) -> None:
    """No route has a word for scripts of other sites, whatever they say of themselves."""
    with Place(tmp_path) as place:
        for row in TABLE:
            if row.method == "GET":
                answer = request(place, row, "root", Origin="https://evil.example")
                assert (row.path, [name for name in answer.headers if name.startswith("access-control")]) == (row.path, [])


def test_fields_that_nobody_asked_for_change_nothing(tmp_path: Path) -> None:
    """Forms and bodies with the names of columns in them: no right is won by naming it."""
    more = {
        "admin": "1",
        "is_admin": "yes",
        "active": "1",
        "user_id": "1",
        "email_verified_at": "1",
        "level": "full",
        "role": "owner",
    }
    with Place(tmp_path) as place:
        before = place.rows("SELECT name, admin, active, email_verified_at FROM users ORDER BY id")
        roles = place.rows("SELECT * FROM roles ORDER BY 1, 2")
        for row in TABLE:
            if row.page and row.method == "POST" and row.path.startswith("/manage/account/") and "eve" in row.who:
                form = {**(row.body if isinstance(row.body, dict) else {}), **more}
                place.sent_by(row.method, row.address(place), "eve", form)
        assert before == place.rows("SELECT name, admin, active, email_verified_at FROM users ORDER BY id")
        assert roles == place.rows("SELECT * FROM roles ORDER BY 1, 2")
