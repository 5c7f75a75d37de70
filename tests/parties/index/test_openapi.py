"""The registrar asks and the fake answers as the OpenAPI document of our server says: neither can drift from it."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import parse_qsl, urlsplit

import pytest
from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

from tests.parties.index.worlds import github
from trustpub.domain.publishers import publisher
from trustpub.errors import Denied
from trustpub.parties.index.fake import FakeIndex
from trustpub.parties.index.registrar import ApiRegistrar
from trustpub.parties.wire import Request, Response
from trustpub.web.api.openapi import document

SPECIFICATION = OpenAPI.from_dict(document())


def checked(index: FakeIndex, request: Request) -> Response:
    """The fake's answer, once request and answer are as described."""
    address = urlsplit(request.url)
    asked = MockRequest(
        f"{address.scheme}://{address.netloc}",
        request.method.lower(),
        address.path,
        args=dict(parse_qsl(address.query)),
        headers=dict(request.headers),
        data=request.body or None,
        content_type=request.headers.get("Content-Type", "application/json"),
    )
    SPECIFICATION.validate_request(asked)
    answer = index.send(request)
    told = MockResponse(answer.body, answer.status, content_type=answer.headers["content-type"])
    SPECIFICATION.validate_response(asked, told)
    return answer


def test_every_request_and_answer_is_as_described() -> None:
    """Registered, there already, pending, refused in each way, listed, removed."""
    index = FakeIndex()
    index.project("orchay", ("orchay-1.0.tar.gz", "1.0"))
    gitlab = publisher("gitlab", {"namespace": "octo", "project": "orchay", "workflow_filepath": ".gitlab-ci.yml"})
    for token in (index.publishers.token(), index.publishers.token("joon"), index.publishers.token("hana", "read"), "pypi-api_x"):
        desk = ApiRegistrar("own", index.base, lambda request: checked(index, request), token)
        for project in ("orchay", "brand-new", "json", "0rchay"):
            for each in (github(), gitlab, github(repository_owner_id="")):
                for pending in (True, False):
                    with suppress(Denied):
                        made = desk.register(project, each, pending=pending)
                        desk.remove(made)
                        desk.remove(made)
        desk.registered(["orchay", "brand-new"])
    assert {"GET", "POST", "DELETE"} == {each.method for each in index.requests}


def test_a_request_that_is_not_as_described_is_seen() -> None:
    """The check above can fail."""
    request = Request("POST", "https://pypi.example/api/v1/publishers", {"Authorization": "Bearer x"}, b'{"project": 3}')
    with pytest.raises(OpenAPIError):
        checked(FakeIndex(), request)
