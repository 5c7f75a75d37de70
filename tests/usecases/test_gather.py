"""Whose repository a checkout is: what the remote's address says, and what a declaration knows better."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.usecases.checkouts import put
from trustpub.parties.git import Checkout
from trustpub.usecases.gather import declaration_of, repository_of

ROW = '[[publisher]]\nproject = "tool"\nowner = "{owner}"\nrepository = "{name}"\nworkflow = "a.yml"\n'


@pytest.mark.parametrize(
    ("owner", "name", "number", "whose"),
    [
        ("Octo", "Tool", "77", ("Octo", "Tool", "77")),
        ("Octo", "Tool", "", ("octo", "tool", "")),
        ("else", "tool", "77", ("octo", "tool", "")),
        ("Octo", "other", "77", ("octo", "tool", "77")),
    ],
)
def test_a_declaration_with_the_number_spells_it(
    tmp_path: Path, owner: str, name: str, number: str, whose: tuple[str, str, str]
) -> None:
    """GitHub takes an address in any case and writes its own spelling into the claims, which a setup has written down."""
    row = ROW.format(owner=owner, name=name) + (f'owner_id = "{number}"\n' if number else "")
    remote = '[remote "origin"]\n\turl = git@github.com:octo/tool.git\n'
    root = put(tmp_path, {".git/config": remote, ".git/HEAD": "ref: refs/heads/main\n", "trustpub.toml": row})
    checkout = Checkout.open(root)
    found = repository_of(checkout, declaration_of(checkout))

    assert whose == (found.owner, found.name, found.owner_id)
