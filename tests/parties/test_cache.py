"""The cache folder is the one that platformdirs names."""

from __future__ import annotations

import subprocess
import sys

import pytest

from trustpub.parties.cache import cache_folder

ASK = "from platformdirs import user_cache_dir; print(user_cache_dir('trustpub'))"


@pytest.mark.parametrize(
    "environment",
    [
        {"HOME": "/somewhere"},
        {"HOME": "/somewhere/"},
        {"HOME": "/"},
        {"HOME": ""},
        {"HOME": "relative"},
        {"XDG_CACHE_HOME": "/caches", "HOME": "/somewhere"},
        {"XDG_CACHE_HOME": "/caches/"},
        {"XDG_CACHE_HOME": "/"},
        {"XDG_CACHE_HOME": "relative", "HOME": "/somewhere"},
        {"XDG_CACHE_HOME": "", "HOME": "/somewhere"},
    ],
    ids=str,
)
def test_is_platformdirs_own(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the environment says, the answer is the library's."""
    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    library = subprocess.run([sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=True)

    assert library.stdout.rstrip("\n") == cache_folder()
