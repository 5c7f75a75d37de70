"""People of an index: how they get an account, sign in, prove who they are, and what they may see of it.

A file and a class each; every method blocks, and returns a value or a `NotDone`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from trustpub.usecases.accounts.administration import Administration
from trustpub.usecases.accounts.api_tokens import ApiTokens
from trustpub.usecases.accounts.caller import Caller, NewSession, needs
from trustpub.usecases.accounts.log import Log
from trustpub.usecases.accounts.parts import Parts
from trustpub.usecases.accounts.passwords import Passwords
from trustpub.usecases.accounts.profile import Profile
from trustpub.usecases.accounts.registration import Registration
from trustpub.usecases.accounts.second_factors import SecondFactors
from trustpub.usecases.accounts.sessions import Sessions
from trustpub.usecases.accounts.sign_in import SignIn

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.parties.webauthn.port import SecurityKeys
    from trustpub.settings import ServerSettings
    from trustpub.storage.database import Database
    from trustpub.usecases.passwords import Cost

__all__ = ["Accounts", "Caller", "NewSession", "needs"]


@dataclass(frozen=True, slots=True)
class Accounts:
    """Everything about accounts, one attribute a field of work."""

    registration: Registration
    sign_in: SignIn
    second_factors: SecondFactors
    passwords: Passwords
    sessions: Sessions
    api_tokens: ApiTokens
    profile: Profile
    log: Log
    administration: Administration

    @classmethod
    def over(
        cls,
        database: Database,
        settings: ServerSettings,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
        *,
        address: str | None = None,
        cost: Cost | None = None,
        keys: SecurityKeys | None = None,
    ) -> Self:
        """Put them together.

        `address` is where `serve` listens: links in mails and the origin of security keys begin with it when the settings name no
        `url`. `cost` is what hashing a password costs; tests take the cheapest. `keys` speaks with security keys.
        """
        parts = Parts.of(database, settings, clock, random, address, cost, keys)
        return cls(
            Registration(parts),
            SignIn(parts),
            SecondFactors(parts),
            Passwords(parts),
            Sessions(parts),
            ApiTokens(parts),
            Profile(parts),
            Log(parts),
            Administration(parts),
        )
