"""What may happen to an index under load. Each fault begins, lasts a moment, ends, and leaves nothing for anybody to repair."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator

from tests.journeys.durability.proxy import Mode
from tests.journeys.durability.world import World

BROKEN: list[Mode] = ["refuse", "error", "cut"]
Fault = Callable[[World, random.Random], None]


def a_moment(chance: random.Random, longest: float = 0.4) -> None:
    """Any moment is as good as another."""
    time.sleep(chance.uniform(0.0, longest))


def kill_a_server(world: World, chance: random.Random) -> None:
    """Kill -9 of one process; of the only one, on the small size."""
    process = chance.choice(world.processes)
    process.kill()
    a_moment(chance, 0.2)
    process.start()


def kill_every_server(world: World, chance: random.Random) -> None:
    """Kill -9 of all of them at once."""
    for process in world.processes:
        process.kill()
    a_moment(chance, 0.2)
    for process in world.processes:
        process.start()


def kill_the_database(world: World, chance: random.Random) -> None:
    """Kill -9 of PostgreSQL, with everything that it was doing."""
    assert world.postgres is not None
    world.postgres.kill()
    a_moment(chance, 0.5)
    world.postgres.start()


def fail_the_store(world: World, chance: random.Random) -> None:
    """S3 closes the door, answers 500, or takes the bytes and never gets to say so."""
    assert world.store is not None
    for mode in chance.sample(BROKEN, 2):
        world.store.mode = mode
        a_moment(chance)
    world.store.mode = "pass"


def fill_the_disk(world: World, chance: random.Random) -> None:
    """Nothing can be written any more; then there is room again. The disk is a small file system of its own."""
    with _full(world):
        a_moment(chance, 0.8)


@contextlib.contextmanager
def _full(world: World) -> Iterator[None]:
    filler = world.disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)):
                    pass
    try:
        yield
    finally:
        filler.unlink()


SMALL: dict[str, Fault] = {"server": kill_a_server, "disk": fill_the_disk}
"""What can happen to one process on SQLite and files."""
LARGE: dict[str, Fault] = {
    "server": kill_a_server,
    "servers": kill_every_server,
    "database": kill_the_database,
    "store": fail_the_store,
    "disk": fill_the_disk,
}
"""What can happen to three processes on PostgreSQL and S3."""
