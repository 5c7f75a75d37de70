"""Write what a person has stated into the `trustpub.toml` of a checkout, as it is at that moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.parties.git import Checkout
from trustpub.usecases.gather import declaration_of
from trustpub.usecases.setup.files import declaration_step

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.domain.declaration import Declaration, DeclaredAccount, DeclaredPublisher


def states_publisher(path: str) -> Callable[[DeclaredPublisher], None]:
    """Return what writes a publisher into `trustpub.toml` as it was stated."""

    def state(row: DeclaredPublisher) -> None:
        def same(each: DeclaredPublisher) -> bool:
            ours = (row.index, row.project, row.workflow, row.environment.lower(), row.repository.lower())
            return ours == (each.index, each.project, each.workflow, each.environment.lower(), each.repository.lower())

        declared = _declared(path)
        rows = tuple(row if same(each) else each for each in declared.publishers)
        _write(path, declared._replace(publishers=rows if row in rows else (*rows, row)))

    return state


def states_account(path: str) -> Callable[[DeclaredAccount], None]:
    """Return what writes an account into `trustpub.toml` as it was stated."""

    def state(account: DeclaredAccount) -> None:
        declared = _declared(path)
        _write(path, declared._replace(accounts={**declared.accounts, account.name: account}))

    return state


def _declared(path: str) -> Declaration:
    return declaration_of(Checkout.open(path))


def _write(path: str, declared: Declaration) -> None:
    step = declaration_step(Checkout.open(path), declared)
    if step.apply is not None:
        step.apply()
