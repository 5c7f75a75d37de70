"""When a person's token was last used, as its owner sees it."""

from __future__ import annotations

from pathlib import Path

from tests.distributions import wheel_of
from tests.usecases.uploading import NOW, Index, Package
from trustpub.domain.tokens import digest
from trustpub.storage.accounts import find_api_token


def test_the_use_of_a_token_is_noted_once_an_hour(tmp_path: Path) -> None:
    """About when it was: an upload asks the database nothing more for it, as a rule. One that is refused is no use."""
    with Index(tmp_path) as index:
        token = index.user_token()
        noted: list[float | None] = []
        for version, wait in (("1.0", 0.0), ("1.1", 3599.0), ("1.2", 1.0), ("1.2", 7200.0)):
            index.now += wait
            name, data = wheel_of("tiny", version)
            package = Package(project="tiny", filename=name, version=version, data=data + b"x" * (wait == 7200))
            index.send(token, package)
            with index.database.read() as connection:
                row = find_api_token(connection, digest(token))
            assert row is not None
            noted.append(row.used_at)
    assert [NOW, NOW, NOW + 3600, NOW + 3600] == noted
