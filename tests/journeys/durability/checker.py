"""A program of its own that reads an index's public API and the clients' log, and says which promise was broken.

    python -m tests.journeys.durability.checker --log LOG --seen SEEN [--after N] URL...

I1  every acknowledged file is listed, downloads byte for byte, and its hash and its metadata's hash are right
I2  every listed file was sent whole by some client, and downloads
I3  the hash of a file name never changes: `SEEN` remembers what earlier runs saw
I4  an ID token gives at most one upload token, asked again after every fault
I5  a file never appears in a project that its token did not reach
I6  a project has exactly one owner, and is listed once
I9  what is asked here is never answered with 5xx

The listing is compared whole; with `--after` only the files and ID tokens of later intents are asked for again.
It prints one JSON object, `{"broken": [...], "acknowledged", "listed", "spent"}`, and ends with 1 when anything is broken. It
imports nothing of the index.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import http.client
import json
import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from tests.journeys.durability.log import Exchange, Upload, read

JSON_PAGE = {"Accept": "application/vnd.pypi.simple.v1+json"}


@dataclass
class Checker:
    """Looks at one index through every address that it has."""

    urls: list[str]
    after: int = 0
    broken: list[str] = field(default_factory=list)
    asked: int = 0

    def ask(self, method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        """One request; the addresses take turns."""
        parts = urlsplit(url)
        base = urlsplit(self.urls[self.asked % len(self.urls)])
        self.asked += 1
        connection = http.client.HTTPConnection(base.hostname or "", base.port, timeout=60)
        try:
            connection.request(method, parts.path, body, {"Host": parts.netloc or base.netloc, **(headers or {})})
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status >= 500:
            self.broken.append(f"I9 {method} {parts.path}: {answer.status}")
        return answer.status, content

    def listed(self) -> dict[str, dict[str, dict[str, object]]]:
        """Every project's files by name."""
        status, body = self.ask("GET", "/simple/", headers=JSON_PAGE)
        names = [re.sub(r"[-_.]+", "-", each["name"]).lower() for each in json.loads(body)["projects"]] if status == 200 else []
        if len(set(names)) != len(names):
            self.broken.append("I6 a project is listed twice")
        found = {}
        for name in names:
            status, body = self.ask("GET", f"/simple/{name}/", headers=JSON_PAGE)
            if status != 200:
                self.broken.append(f"I2 the page of {name}: {status}")
                continue
            found[name] = {file["filename"]: file for file in json.loads(body)["files"]}
        return found

    def files(self, uploads: list[Upload], listed: dict[str, dict[str, dict[str, object]]], seen: dict[str, str]) -> None:
        """I1, I2, I3 and I5."""
        sent: dict[tuple[str, str], set[str]] = defaultdict(set)
        foreign: set[tuple[str, str, str]] = set()
        for each in uploads:
            if each.allowed:
                sent[each.project, each.name].add(each.sha256)
            else:
                foreign.add((each.project, each.name, each.sha256))
        for each in uploads:
            there = listed.get(each.project, {}).get(each.name)
            if each.status == 200 and (there is None or sha256_of(there) != each.sha256):
                self.broken.append(f"I1 {each.name} was acknowledged and is {'other bytes' if there else 'not listed'}")
            if each.status == 200 and not each.allowed:
                self.broken.append(f"I5 {each.name} was taken from a token that does not reach it")
        new = {each.name for each in uploads if each.number > self.after}
        for project, files in listed.items():
            for name, file in files.items():
                self._listed(project, name, file, sent[project, name], foreign, seen)
                if name in new:
                    self._download(project, name, file)

    def _listed(
        self,
        project: str,
        name: str,
        file: dict[str, object],
        sent: set[str],
        foreign: set[tuple[str, str, str]],
        seen: dict[str, str],
    ) -> None:
        digest = sha256_of(file)
        if digest not in sent:
            self.broken.append(f"I2 {name} is listed with bytes that nobody sent")
        if (project, name, digest) in foreign and digest not in sent:
            self.broken.append(f"I5 {name} is listed in {project}")
        if seen.setdefault(name, digest) != digest:
            self.broken.append(f"I3 {name} has changed")

    def _download(self, project: str, name: str, file: dict[str, object]) -> None:
        digest = sha256_of(file)
        url = urljoin(f"{self.urls[0]}/simple/{project}/", str(file["url"]))
        status, body = self.ask("GET", url)
        if status != 200 or hashlib.sha256(body).hexdigest() != digest:
            self.broken.append(f"I1 {name}: {status}, {len(body)} bytes that do not have its hash")
        promised = file.get("core-metadata")
        if isinstance(promised, dict):
            status, body = self.ask("GET", f"{url}.metadata")
            if status != 200 or hashlib.sha256(body).hexdigest() != promised["sha256"]:
                self.broken.append(f"I1 the metadata of {name}: {status}, or other bytes")

    def tokens(self, exchanges: list[Exchange]) -> int:
        """I4: present every ID token again, twice."""
        given: dict[str, int] = defaultdict(int)
        raw: dict[str, bytes] = {}
        for each in exchanges:
            given[each.key] += each.status == 200
            if each.number > self.after:
                raw[each.key] = base64.b64decode(each.request)
        for key, request in raw.items():
            head, _, body = request.partition(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode()
            for _ in range(2):
                status, _ = self.ask("POST", path, body, {"Content-Type": "application/json"})
                given[key] += status == 200
            if given[key] > 1:
                self.broken.append(f"I4 one ID token gave {given[key]} upload tokens")
        return sum(count > 0 for count in given.values())

    def owners(self, projects: list[str]) -> None:
        """I6."""
        for project in projects:
            status, body = self.ask("GET", f"/pypi/{project}/json")
            if status == 404:
                continue  # made by an exchange, and nothing was uploaded to it yet
            roles = json.loads(body)["ownership"]["roles"] if status == 200 else []
            owners = [each for each in roles if each["role"].lower() == "owner"]
            if len(owners) != 1:
                self.broken.append(f"I6 {project} has {len(owners)} owners")


def sha256_of(file: dict[str, object]) -> str:
    """The hash that a listing gives."""
    hashes = file["hashes"]
    assert isinstance(hashes, dict)
    return str(hashes["sha256"])


def main(arguments: list[str]) -> int:
    """Check, and say what is broken."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--seen", type=Path, required=True)
    parser.add_argument("--after", type=int, default=0)
    parser.add_argument("urls", nargs="+")
    given = parser.parse_args(arguments)
    uploads, exchanges = read(given.log)
    seen = json.loads(given.seen.read_text()) if given.seen.exists() else {}
    checker = Checker([url.rstrip("/") for url in given.urls], given.after)
    listed = checker.listed()
    checker.files(uploads, listed, seen)
    checker.owners(list(listed))
    spent = checker.tokens(exchanges)
    given.seen.write_text(json.dumps(seen))
    counts = {
        "acknowledged": sum(each.status == 200 for each in uploads),
        "listed": sum(map(len, listed.values())),
        "spent": spent,
    }
    sys.stdout.write(json.dumps({"broken": checker.broken, **counts}) + "\n")
    return 1 if checker.broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
