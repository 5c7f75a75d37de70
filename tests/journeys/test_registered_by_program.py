"""A program registers a publisher on an index of one's own, CI publishes with it, and the program takes it away again."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

from tests.distributions import wheel_of
from tests.web.forms import CLIENTS, form, headers
from trustpub.domain.index_project import IndexProject
from trustpub.domain.issuers import Issuer
from trustpub.domain.publishers import Provider, publisher
from trustpub.main.serve import start
from trustpub.parties.http import send
from trustpub.parties.index.addresses import beside_upload
from trustpub.parties.index.client import IndexClient
from trustpub.parties.index.exchange import Minted, NotMinted, exchange
from trustpub.parties.index.registrar import ApiRegistrar
from trustpub.parties.issuer.emulated_github import EmulatedGitHub
from trustpub.parties.issuer.github_claims import Job, github_claims
from trustpub.parties.wire import Request
from trustpub.settings import ServerSettings
from trustpub.storage.database import Database
from trustpub.usecases.manage import Manage

JOB = Job(owner="acme", repository="tiny", owner_id="42", environment="pypi", ref="refs/tags/v1", event_name="push")
ROW = {
    "repository_owner": "acme",
    "repository_owner_id": "42",
    "repository_name": "tiny",
    "workflow_filename": "pypi.yml",
    "environment": "pypi",
}
PUBLISHER = publisher("github", ROW)


def token_of(data: Path) -> str:
    """An account's token to manage, made before the server starts."""
    with Database.open(data) as database:
        manage = Manage(database, time.time, os.urandom)
        manage.add_user("hana", "hana@acme.example")
        return manage.create_token("hana", "manage")


def test_from_a_registration_to_a_release_and_back(tmp_path: Path) -> None:
    """The pending publisher becomes an ordinary one, which the same registration then finds there."""
    token = token_of(tmp_path / "data")
    with EmulatedGitHub() as github:
        issuer = Issuer(Provider.GITHUB, github.issuer, jwks=github.jwks_url)

        def id_token() -> str:
            return github.sign(github_claims(JOB), audience="trustpub")

        with start(ServerSettings(tmp_path / "data", port=0, issuers=(issuer,))) as server:
            found = beside_upload(f"{server.url}/legacy/")
            desk, index = ApiRegistrar("own", found.web, send, token), IndexClient("own", send, **found._asdict())

            assert isinstance(exchange(send, found.upload, id_token()), NotMinted)
            assert desk.register("tiny", PUBLISHER, pending=True).pending
            minted = exchange(send, found.upload, id_token())
            assert isinstance(minted, Minted)

            filename, data = wheel_of("tiny", "1.0")
            body = form(filename, data, replace(CLIENTS["uv"], name="tiny"))
            assert 200 == send(Request("POST", found.upload, headers(minted.token), body)).status
            project = index.project("tiny")
            assert isinstance(project, IndexProject)
            assert ([filename], (("hana", "Owner"),)) == ([each.filename for each in project.files], project.owners)

            made = desk.register("tiny", PUBLISHER, pending=True)
            assert ((made,), False) == (desk.registered(["tiny"]), made.pending)
            desk.remove(made)
            assert isinstance(exchange(send, found.upload, id_token()), NotMinted)
            assert () == desk.registered(["tiny"])
