"""Frames between the index and its confined processes: a value arrives whole, and everything else is an end."""

from __future__ import annotations

import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustpub.parties.frames import Gone, be_patient, receive, send

LONGEST = 64 * 1024
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


def told(data: bytes) -> object:
    """What is received from somebody who sends these bytes and closes."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            theirs.sendall(data)
        return receive(ours, LONGEST)


@given(st.lists(VALUES, min_size=1, max_size=3))
def test_values_arrive_in_order(values: list[object]) -> None:
    """One after the other, as they were sent."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for value in values:
            send(theirs, value)  # type: ignore[arg-type]

        assert [receive(ours, LONGEST) for _ in values] == values


@given(st.binary(max_size=40))
def test_noise_is_an_end(data: bytes) -> None:
    """Whatever comes is a value or the end, never another error."""
    try:
        told(data)
    except Gone:
        return
    assert len(data) >= 5


@pytest.mark.parametrize(
    "data",
    [b"", b"\x02\x00", b"\x02\x00\x00\x00", b"\x02\x00\x00\x00[", b"\x02\x00\x00\x00[}", b"\xff\xff\xff\xff[]",
     (LONGEST + 1).to_bytes(4, "little") + b" " * LONGEST + b"1", b"\x01\x00\x00\x00\xff",
     (60_000).to_bytes(4, "little") + b"[" * 60_000],
)  # fmt: skip
def test_what_is_no_frame_is_an_end(data: bytes) -> None:
    """Too short, too long, no JSON, nested without end: the other side is gone."""
    with pytest.raises(Gone):
        told(data)


def test_a_long_value_comes_in_pieces() -> None:
    """A value larger than any buffer of the system."""
    ours, theirs = socket.socketpair()
    value = "x" * 3_000_000
    with ours, theirs:
        sender = threading.Thread(target=send, args=(theirs, value))
        sender.start()

        assert receive(ours, 4_000_000) == value
        sender.join()


def test_silence_ends_the_wait() -> None:
    """Whoever waits has a limit of time."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        be_patient(ours, 0.05)
        with pytest.raises(BlockingIOError):
            receive(ours, LONGEST)
