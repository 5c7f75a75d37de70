"""What a party did not tell, as a part of a sentence."""

from __future__ import annotations

import pytest

from trustpub.domain.untold import Untold


@pytest.mark.parametrize(
    ("untold", "said"),
    [
        (Untold("nobody was asked"), "nobody was asked"),
        (Untold("it is hidden", "Actions: read"), "it is hidden (it needs the permission Actions: read)"),
        (Untold("it is hidden", "an API token of this index"), "it is hidden (it needs an API token of this index)"),
    ],
)
def test_what_would_make_it_tell(untold: Untold, said: str) -> None:
    """A permission by its name, a whole token as what it is."""
    assert said == str(untold)
