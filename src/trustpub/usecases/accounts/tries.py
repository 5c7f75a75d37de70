"""How often something may be tried, by whom and from where.

Two budgets for everything that can be guessed. One belongs to the network that asks. The other belongs to the account; but an
address that the account was used from in the last thirty days has a budget of its own. So strangers can use up what strangers
have, and whoever owns the account still gets in.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from trustpub.domain.tokens import digest
from trustpub.storage.throttles import Limit, count, give_back, remember, remembered
from trustpub.usecases.not_done import NotDone, not_done

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustpub.storage.database import Connection

NETWORK = Limit(20, 300)
"""Failed sign-ins from one network."""
ACCOUNT = Limit(10, 300)
"""Failed sign-ins to one account. Mirrors PyPI's."""
SECOND = (Limit(5, 300), Limit(20, 3600), Limit(50, 86_400))
"""Failed second factors of one account. Mirrors PyPI's."""
REGISTERING = Limit(10, 3600)
"""New accounts from one network."""
VERIFYING = Limit(3, 6 * 3600)
"""Verification mails for one account. Mirrors PyPI's."""
FORGETTING = Limit(20, 3600)
"""Forgotten passwords from one network."""
MAILING = Limit(5, 86_400)
"""Mails to one address that somebody in one network can cause."""
MAILING_ALL = Limit(10, 4 * 3600)
"""Mails to one address that strangers everywhere can cause together: few enough for its reader, and soon over for its owner."""
INVITING = Limit(100, 86_400)
"""Invitations by one administrator."""
TOLD = Limit(10, 86_400)
"""Failed sign-ins that an account's log tells of, more would push everything else out of it; and mails of new networks."""

KNOWN_FOR = 30 * 86_400


def network(address: str) -> str:
    """What one subscriber has: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        read = ip_address(address)
    except ValueError:
        return digest(address)[:16]  # no address: a socket, or a test
    if isinstance(read, IPv6Address):
        if read.ipv4_mapped is not None:
            return str(read.ipv4_mapped)
        return f"{IPv6Address(int(read) >> 64 << 64)}/64"
    return str(read)


def known(user_id: int, address: str) -> str:
    """The key under which it is remembered that an account was used from this network."""
    return f"known:{user_id}:{network(address)}"


def budget(connection: Connection, what: str, user_id: int, address: str, now: float) -> str:
    """The key of the account's budget that somebody at this address draws on."""
    if remembered(connection, known(user_id, address), now):
        return f"{what}:known:{user_id}:{network(address)}"
    return f"{what}:account:{user_id}"


def spend(connection: Connection, tried: Iterable[tuple[str, Limit]], now: float) -> NotDone | None:
    """Count one try against each; None when all allow it."""
    wait = max(count(connection, key, limit, now) for key, limit in tried)
    return too_many(wait) if wait else None


def succeed(connection: Connection, tried: Iterable[tuple[str, Limit]], user_id: int, address: str, now: float) -> None:
    """Give back what was spent, and remember the address as one of the account's."""
    give_back_all(connection, tried)
    remember_address(connection, user_id, address, now)


def give_back_all(connection: Connection, tried: Iterable[tuple[str, Limit]]) -> None:
    """Count one try less against each."""
    for key, _ in tried:
        give_back(connection, key)


def remember_address(connection: Connection, user_id: int, address: str, now: float) -> None:
    """Note that whoever owns the account was here."""
    remember(connection, known(user_id, address), int(now) + KNOWN_FOR)


def is_new_network(connection: Connection, user_id: int, address: str, now: float) -> bool:
    """Whether the account was not used from this network lately: a few times a day, so that no mailbox is filled by it."""
    return not remembered(connection, known(user_id, address), now) and not count(connection, f"new:{user_id}", TOLD, now)


def mail(connection: Connection, email: str, user_id: int, address: str, now: float) -> NotDone | None:
    """Count a mail to an address that is caused from here. `user_id` is the account that the address belongs to, 0: none.

    Where the account was used from before, it has a budget of its own: strangers cannot keep its owner from a new password.
    """
    to = digest(email.lower())[:32]
    tried = [(f"mail:{to}:{network(address)}", MAILING)]
    if not remembered(connection, known(user_id, address), now):
        tried.append((f"mail:{to}", MAILING_ALL))
    return spend(connection, tried, now)


def too_many(wait: int) -> NotDone:
    """The answer to one try too many."""
    minutes = (wait + 59) // 60
    when = "in a minute" if minutes == 1 else f"in {minutes} minutes"
    return not_done(429, "too-many-tries", f"That was tried too often. Try again {when}.", retry_after=wait)


BUSY = not_done(503, "busy", "Too many people sign in at this moment. Try again in a few seconds.", retry_after=3)
