"""What real clients print today is explained as what was collected: the samples cannot go stale unseen."""

from __future__ import annotations

import pytest

from tests.failures.collect import text_of
from tests.failures.scenes import SCENES, Scene, available
from trustpub.domain.failures import known
from trustpub.domain.logs import cleaned
from trustpub.main.stage import SigningKeys

SHORT = {"wrong-environment.uv", "wrong-environment.twine", "no-permission.uv"}
"""What a short run plays as well."""
PLAYED = [(scene, client) for scene in SCENES for client in scene.clients]


@pytest.fixture(scope="module")
def keys() -> SigningKeys:
    """One pair of keys for all scenes: they cost a tenth of a second."""
    return SigningKeys()


@pytest.mark.parametrize(("scene", "client"), PLAYED, ids=[f"{scene.name}.{client}" for scene, client in PLAYED])
def test_a_played_failure_is_explained(scene: Scene, client: str, keys: SigningKeys, long_run: bool) -> None:
    """The real client against the real server, now: the expected cause first."""
    if not available(client):
        pytest.skip(f"{client} is not here: `tests/failures/collect.py` says which variable names it")
    if not long_run and f"{scene.name}.{client}" not in SHORT:
        pytest.skip("in the long run")
    text = text_of(scene, client, keys)
    causes = known(cleaned(text.encode()))

    assert causes, text
    assert scene.codes.get(client, scene.code) == causes[0].code, text
