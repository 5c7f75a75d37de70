"""Who may read a private index: API tokens of active people in any scope, and read tokens from an exchange.

An upload token reads nothing: it is for the few minutes and the few projects of one release.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.storage.readers import is_api_token, is_read_token

if TYPE_CHECKING:
    from trustpub.storage.database import Connection
    from trustpub.usecases.upload_credential import Admission


def may_read(connection: Connection, admission: Admission, now: float) -> bool:
    """Whether the bearer of this token may read at `now` (seconds since the epoch). One statement, two for a read token."""
    digest = admission.digest
    return is_api_token(connection, digest, now) or is_read_token(connection, digest, now)
