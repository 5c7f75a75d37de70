"""The files' side of a setup: `trustpub.toml` and the publishing workflow, as steps. Committing them is the person's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.usecases.setup.step import Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.domain.declaration import Declaration
    from trustpub.parties.git import Checkout
    from trustpub.parties.index.addresses import Addresses
    from trustpub.rules.facts import Facts
    from trustpub.usecases.setup.proposal import Wishes


def declaration_step(checkout: Checkout, desired: Declaration) -> Step:
    """Plan `trustpub.toml`: only what differs is touched."""
    return Step(key="file trustpub.toml", party="files")


def workflow_step(
    checkout: Checkout,
    facts: Facts,
    desired: Declaration,
    addresses: Addresses,
    *,
    pins: Mapping[str, tuple[str, str]] | None = None,
    wishes: Wishes | None = None,
) -> tuple[Step, ...]:
    """Plan the publishing workflows, a step for each file: a new one where nothing publishes, else fixes in place.

    `pins` gives commit and tag of an action (`{"actions/checkout": (sha, "v7.0.1")}`) where GitHub could be asked.
    """
    return ()
