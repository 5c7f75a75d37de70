"""Which store an index keeps the bytes of its files in."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING

from trustpub.errors import Broken
from trustpub.storage.blobs import LocalBlobs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trustpub.storage.s3_blobs import S3Blobs


def store_of(
    folder: Path,
    bucket: str | None = None,
    endpoint: str | None = None,
    region: str = "us-east-1",
    fsync: Callable[[int], None] = os.fsync,
) -> LocalBlobs | S3Blobs:
    """The bucket (`s3://BUCKET[/PREFIX]`) when there is one, else the folder. What is being received lies in the folder anyway.

    Raises `Broken` when the client for a bucket is not installed. Nobody is asked for anything yet.
    """
    if bucket is None:
        return LocalBlobs(folder, fsync)
    if find_spec("obstore") is None:
        why = "the client for S3 is not installed"
        raise Broken("[index] blobs", why=why, next_step="Install it: `pip install 'trustpub[scale]'`")
    from trustpub.storage.s3_blobs import S3Blobs

    return S3Blobs(folder, bucket, endpoint=endpoint, region=region)
