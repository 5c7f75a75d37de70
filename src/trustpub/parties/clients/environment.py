"""The environment of a client on the stage, built from nothing.

It holds what GitHub gives a job and what leads the client to the stage. It never holds a credential: none of the person's own
variables pass, except where programs are found and how text is encoded.
Mirrors: what actions/runner sets for a step of a job that may ask for ID tokens.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.parties.clients.port import Seat

_PASSED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "SYSTEMROOT")
_PROXIED = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


def job_environment(seat: Seat, own: Mapping[str, str]) -> dict[str, str]:
    """What a step of the job sees, plus `own`: the client's variables for the stage (its CA file, its quiet mode).

    Every scheme goes through the proxy, which refuses all but the index; only this machine is reached directly.
    """
    environment = {name: os.environ[name] for name in _PASSED if name in os.environ}
    environment |= _homes(seat)
    environment |= dict.fromkeys(_PROXIED, seat.proxy_url)
    environment |= {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}
    environment |= {"CI": "true", "GITHUB_ACTIONS": "true"} | dict(seat.github)
    if seat.token_request_url:
        environment["ACTIONS_ID_TOKEN_REQUEST_URL"] = seat.token_request_url
        environment["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = seat.token_request_token
    return environment | dict(own)


def _homes(seat: Seat) -> dict[str, str]:
    """A home, configuration, cache and temporary folder of its own for each run, so that no `.pypirc` or keyring is found."""
    places = {
        "HOME": "home",
        "XDG_CONFIG_HOME": "config",
        "XDG_CACHE_HOME": "cache",
        "XDG_DATA_HOME": "data",
        "XDG_CONFIG_DIRS": "config-dirs",
        "TMPDIR": "tmp",
    }
    for folder in places.values():
        (seat.folder / folder).mkdir(parents=True, exist_ok=True)
    return {variable: str(seat.folder / folder) for variable, folder in places.items()}
