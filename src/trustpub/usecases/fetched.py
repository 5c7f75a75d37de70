"""Whether what pip gets is what was uploaded: by bytes, not by names."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trustpub.parties.clients.distribution import Distribution
    from trustpub.parties.clients.port import Wire
    from trustpub.usecases.stage import Stage


def compare(dists: Sequence[Distribution], fetched: Path, wire: Wire, project: str) -> tuple[bool, str]:
    """Whether what came back is what was sent: the installer's file by its bytes, the others as the project's page lists them."""
    by_name = {dist.path.name: dist for dist in dists}
    came = [path for path in fetched.iterdir() if path.is_file()]
    if not came:
        return False, "nothing was downloaded"
    for path in came:
        if path.name not in by_name or hashlib.sha256(path.read_bytes()).hexdigest() != by_name[path.name].sha256:
            return False, f"{path.name} is not the file that was uploaded"
    others = sorted(set(by_name) - {path.name for path in came})
    listed = listed_files(wire, project)
    for name in others:
        if hashlib.sha256(wire.fetch(listed.get(name, "/"))).hexdigest() != by_name[name].sha256:
            return False, f"{name} is not the file that was uploaded"
    told = [f"{path.name} came back with sha256 {by_name[path.name].sha256}" for path in came]
    return True, "; ".join([*told, *([f"{', '.join(others)} as well, by plain request"] if others else [])])


def listed_files(wire: Wire, project: str) -> dict[str, str]:
    """The path of every file that the project's simple page lists."""
    place = f"/simple/{project}/"
    page = json.loads(wire.fetch(place) or b"{}")
    return {entry["filename"]: urlsplit(urljoin(place, entry["url"])).path for entry in page.get("files", [])}


def was_served(stage: Stage, agent: str, dists: Sequence[Distribution]) -> bool:
    """Whether the installer got an sdist's bytes: it checks the listed hash before it looks inside."""
    names = {dist.path.name for dist in dists if dist.filetype == "sdist"}
    return any(
        seen.status == 200 and seen.user_agent.startswith(agent) and seen.path.rpartition("/")[2] in names
        for seen in stage.heard()
    )
