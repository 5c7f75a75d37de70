"""The known failures of a release, by their texts: one file a family, in the order in which a release meets them.

`known` reads a cleaned log and names the causes it finds, the most likely first. It guesses nothing: a text that no phrase of the
catalogue is in has no cause.
Sources: the clients' and the index's own messages.
"""

from __future__ import annotations

from trustpub.domain.failures import attestations, client, environment_gate, exchange, id_token, network, upload
from trustpub.domain.failures.clue import CONFIDENCES, Cause, Evidence, Found, look_for

__all__ = ["CATALOGUE", "Cause", "Evidence", "Found", "known"]

CATALOGUE: tuple[Cause, ...] = (
    *environment_gate.CAUSES,
    *id_token.CAUSES,
    *exchange.CAUSES,
    *network.CAUSES,
    *upload.CAUSES,
    *client.CAUSES,
    *attestations.CAUSES,
)


def known(text: str) -> tuple[Found, ...]:
    """Name the causes in a cleaned log, the most likely first; nothing when none is known.

    What is only the consequence of another cause that was found too is left out. Of equally sure ones the first in the catalogue
    comes first: a release cannot meet an earlier obstacle after a later one.
    """
    found = [one for cause in CATALOGUE if (one := look_for(cause, text)) is not None]
    codes = {one.code for one in found if one.confidence == "certain"}
    causes = {cause.code: cause for cause in CATALOGUE}
    others = {one.code for one in found if one.confidence != "possible" and not causes[one.code].last_resort}
    kept = [
        one for one in found if not codes.intersection(causes[one.code].behind) and not (causes[one.code].last_resort and others)
    ]
    return tuple(sorted(kept, key=lambda one: CONFIDENCES.index(one.confidence)))
