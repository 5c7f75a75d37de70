"""Collect samples: play every scene with every client that can, and write what they print, neutral as to machine and index.

By hand: `TRUSTPUB_PDM=.../pdm TRUSTPUB_ACTION_SCRIPT=.../oidc-exchange.py python -m tests.failures.collect`. The action's script
is that of the publish action's repository; without the variables those two clients are left out. `TRUSTPUB_CLIENTS` is a folder
with another uv, twine and python, and `TRUSTPUB_VERSION` what their samples are called by. A third of what is new goes to
`samples/heldout`, chosen by its name, for the matcher to meet unseen; so does all that other versions print.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from tests.failures.scenes import SCENES, Scene, available, perform
from tests.failures.theatre import Theatre
from trustpub.main.stage import SigningKeys

SAMPLES = Path(__file__).parent / "samples"


def played(keys: SigningKeys, clients: tuple[str, ...] = ()) -> Iterator[tuple[Scene, str]]:
    """Every scene and client that can be played here."""
    for scene in SCENES:
        for client in scene.clients:
            if available(client) and (not clients or client in clients):
                yield scene, client


def text_of(scene: Scene, client: str, keys: SigningKeys) -> str:
    """Play one scene and return the neutral text."""
    with Theatre(scene.play(), keys) as theatre:
        return neutral(perform(theatre, scene, client), theatre)


def neutral(text: str, theatre: Theatre) -> str:
    """Take machine, ports, registry and tokens out of a text."""
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r\n", "\n").replace("\r", "\n")
    for name, places in theatre.public.items():
        for url in (places.upload, places.web):
            host = urlsplit(url).hostname or ""
            neutral_host = {"pypi": "", "testpypi": "test."}[name] + ("upload." if "upload" in host else "") + "pypi.example"
            text = re.sub(rf"(?i)\b{re.escape(host)}\b", neutral_host, text)
    text = text.replace(theatre.github.request_token, "***")
    text = re.sub(r"pdm-publish-\w+\.log", "pdm-publish-x.log", text)
    text = re.sub(rf"\b{theatre.server.port}\b", "PORT", text)
    text = re.sub(r"(127\.0\.0\.1|localhost):\d+", r"\1:PORT", text)
    text = re.sub(r"(?:/private)?/tmp/trustpub-failure-\w+", "/tmp/x", text)
    text = re.sub(r"(?:/[\w.+-]+)+/(lib/python3\.\d+|site-packages)/", r"/usr/\1/", text)
    text = re.sub(r"(?:/[\w.+-]+)+/(oidc-exchange\.py)", r"/app/\1", text)
    text = re.sub(r"(?:/[\w.+-]+)+/bin/", "/usr/bin/", text)
    text = re.sub(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*", "eyJ***", text)
    text = re.sub(r"(::add-mask::)\S+", r"\1***", text)
    text = re.sub(r"pypi-(?:tp_|api_|Ag)[\w-]{8,}", "pypi-***", text)
    return "\n".join(line.rstrip() for line in text.split("\n"))


def write(scene: Scene, client: str, text: str) -> Path:
    """Write one sample with the cause that is expected first above it; one that is there already stays where it is."""
    version = os.environ.get("TRUSTPUB_VERSION", "")
    name = f"{scene.name}.{client}{version and '-'}{version}.txt"
    held = bool(version) or int(hashlib.sha256(name.encode()).hexdigest(), 16) % 3 == 0
    folder = SAMPLES if (SAMPLES / name).exists() else SAMPLES / "heldout" if held else SAMPLES
    code = scene.codes.get(client, scene.code)
    head = (
        f"# expected: {code}"
        + (f" {scene.differs}" if scene.differs and code == scene.code else "")
        + f"\n# printed by: {client}\n"
    )
    path = folder / name
    path.write_text(head + text, "utf-8")
    return path


def main(only: list[str]) -> None:
    """Collect all, or those whose name holds one of the given words."""
    keys = SigningKeys()
    for scene, client in played(keys):
        name = f"{scene.name}.{client}"
        if only and not any(word in name for word in only):
            continue
        try:
            text = text_of(scene, client, keys)
        except Exception as problem:  # noqa: BLE001 - one scene that cannot be played must not end the collection
            sys.stdout.write(f"{name}: not played: {problem!r}\n")
            continue
        path = write(scene, client, text)
        failed = "exit code" in text
        sys.stdout.write(f"{path.relative_to(SAMPLES)}: {len(text)} characters{'' if failed else ' BUT IT DID NOT FAIL'}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
