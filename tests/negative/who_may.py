"""Who may send which request: a row for every route and method of the index, with a request that works."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import pyotp

from tests.distributions import wheel_of
from tests.negative.furnished import FILENAME, PASSWORD, PROJECT, RECOVERY, SECRETS, SEED
from tests.negative.place import Place
from tests.web.forms import CLIENTS, form, headers
from trustpub.domain.claims import JSON
from trustpub.web.pages.static import Static

URLENCODED = "application/x-www-form-urlencoded"

VISITORS = ("nobody", "half", "gone", "uma", "eve", "mia", "ann", "bob", "root", "ann long ago", "root long ago")
"""Who comes with a session's cookie, or with none. `half`: password only; `uma`: no second factor; `gone`: a closed account."""
HALF = frozenset(VISITORS) - {"nobody", "gone"}
FULL = HALF - {"half"}
PROVEN = FULL - {"ann long ago", "root long ago"}
STRONG = PROVEN - {"uma"}
MEMBERS = frozenset({"mia", "ann", "root"})
OWNERS = frozenset({"ann", "root"})
ADMIN = frozenset({"root"})

BEARERS = (
    "none", "ann read", "ann upload", "ann manage", "ann manage of annex", "ann upload of annex", "mia upload", "mia manage",
    "eve upload", "eve manage", "bob upload", "bob manage", "root upload", "root manage", "gone upload", "gone manage",
    "revoked", "expired", "publisher", "reader",
)  # fmt: skip
"""Who comes with a token, or with none."""
LOOKING = frozenset({"ann read", "ann manage", "ann manage of annex", "mia manage", "eve manage", "bob manage", "root manage"})
IN_PROJECT = frozenset({"ann read", "ann manage", "mia manage", "root manage"})
OF_OWNERS = IN_PROJECT - {"mia manage"}
CHANGING = frozenset({"ann manage", "root manage"})
READING = frozenset(BEARERS) - {"none", "gone upload", "gone manage", "revoked", "expired", "publisher"}
EVERYBODY = frozenset({*VISITORS, *BEARERS})


@dataclass(frozen=True)
class Row:
    """One route and method: `path` as the route writes it, who is let in, and a request; `quiet`: it changes nothing."""

    method: str
    path: str
    who: frozenset[str]
    url: str = ""
    body: Mapping[str, object] | bytes | None = None
    quiet: bool = False
    by: str = ""

    @property
    def page(self) -> bool:
        """Whether people ask for it, with a session, and not programs with a token."""
        return not self.path.startswith(("/api/", "/legacy", "/_/", "/pypi/", "/integrity/", "/simple", "/files", "/metrics"))

    def address(self, place: Place) -> str:
        """The path of a request."""
        return (self.url or self.path).format(**FILLED, link=f"{place.ids['publisher']}-{place.ids[PROJECT]}", ids=place.ids)

    def sent(self, place: Place) -> tuple[dict[str, str], bytes | None]:
        """The body and what is said about it."""
        if isinstance(self.body, bytes):
            return {}, self.body
        if self.page:
            if self.method != "POST":
                return {"Accept": "text/html"}, None
            filled = (dict(self.body) if self.body else {}).items()
            fields = {name: str(value) if name == "claims" else str(value).format(ids=place.ids) for name, value in filled}
            fields |= {"code": pyotp.TOTP(SEED).now()} if "code" in fields else {}
            own = {"Content-Type": URLENCODED, "Origin": place.address, "Accept": "text/html"}
            return own, urlencode(fields).encode()
        return {}, None if self.body is None else json.dumps(self.body).encode()


KEY = hashlib.sha256(b"/legacy/").hexdigest()
FILLED = {"name": PROJECT, "version": "1.0", "filename": FILENAME, "user": "mia"}
GITHUB = {
    "provider": "github",
    "owner": "octo",
    "owner_id": "42",
    "repository": "another",
    "workflow_filename": "pypi.yml",
    "environment": "pypi",
}
NEW: dict[str, JSON] = {
    "repository_owner": "octo",
    "repository_owner_id": "42",
    "repository_name": "another",
    "workflow_filename": "pypi.yml",
    "environment": "pypi",
}
PASSWORDS = {"password": "a lantern over wet gravel", "password_again": "a lantern over wet gravel"}
CLAIMS = {"claims": '{"repository": "octo/orchay"}'}
ACCOUNT, MANAGE = "/manage/account/", "/manage/project/{name}/"
RELEASE, PUBLISHING = MANAGE + "release/{version}/", MANAGE + "settings/publishing/"
TWO = ACCOUNT + "two-factor/"
GET, POST, PATCH, DELETE = "GET", "POST", "PATCH", "DELETE"
API, MINE = "/api/v1/", "/api/v1/projects/{name}"
UPLOADED, DATA = wheel_of(PROJECT, "2.0")


def upload() -> bytes:
    """A new release of the project."""
    return form(UPLOADED, DATA, CLIENTS["uv"], "2.0").replace(b"tiny_demo.pkg", PROJECT.encode())


NEWCOMER = {"username": "new", "full_name": "", "email": "new@mail.example", **PASSWORDS}
FOR_EVERYBODY = (
    Row(GET, "/", EVERYBODY),
    Row(GET, "/search/", EVERYBODY),
    Row(GET, "/project/{name}/", EVERYBODY),
    Row(GET, "/project/{name}/{version}/", EVERYBODY),
    Row(GET, "/rss/updates.xml", EVERYBODY),
    Row(GET, "/rss/packages.xml", EVERYBODY),
    Row(GET, "/rss/project/{name}/releases.xml", EVERYBODY),
    Row(GET, "/static/{name}", EVERYBODY, Static("").path("app.css")),
    Row(POST, "/account/language/", EVERYBODY, body={"language": "ko"}, quiet=True),
    Row(GET, "/account/login/", EVERYBODY),
    Row(POST, "/account/login/", EVERYBODY, body={"username": "uma", "password": PASSWORD}),
    Row(GET, "/account/logout/", EVERYBODY),
    Row(POST, "/account/logout/", EVERYBODY, by="ann"),
    Row(GET, "/account/register/", EVERYBODY),
    Row(POST, "/account/register/", EVERYBODY, body=NEWCOMER),
    Row(GET, "/account/verify-email/", EVERYBODY),
    Row(POST, "/account/verify-email/", EVERYBODY, body={"token": SECRETS["verify"]}),
    Row(GET, "/account/request-password-reset/", EVERYBODY),
    Row(POST, "/account/request-password-reset/", EVERYBODY, body={"email": "ann@mail.example"}),
    Row(GET, "/account/reset-password/", EVERYBODY, "/account/reset-password/?token=" + SECRETS["reset"]),
    Row(POST, "/account/reset-password/", EVERYBODY, body={"token": SECRETS["reset"], **PASSWORDS}),
)
ACCOUNTS = (
    Row(GET, "/account/two-factor/", HALF),
    Row(POST, "/account/two-factor/", HALF, body={"code": ""}, by="half"),
    Row(GET, "/account/two-factor/key/", HALF),
    Row(POST, "/account/two-factor/key/", HALF, by="half"),
    Row(GET, "/account/two-factor/recovery-code/", HALF),
    Row(POST, "/account/two-factor/recovery-code/", HALF, body={"recovery_code": RECOVERY}, by="half"),
    Row(GET, "/account/reauthenticate/", FULL),
    Row(POST, "/account/reauthenticate/", FULL, body={"password": PASSWORD}),
    Row(GET, ACCOUNT, FULL),
    Row(POST, ACCOUNT, FULL, body={"full_name": "A. Person"}),
    Row(GET, ACCOUNT + "email/", FULL),
    Row(POST, ACCOUNT + "email/", STRONG, body={"email": "else@mail.example"}),
    Row(GET, ACCOUNT + "verify-email/", FULL),
    Row(POST, ACCOUNT + "verify-email/", FULL, quiet=True),
    Row(GET, ACCOUNT + "password/", FULL),
    Row(POST, ACCOUNT + "password/", FULL, body={"old_password": PASSWORD, **PASSWORDS}),
    Row(GET, TWO, FULL),
    Row(GET, TWO + "totp/", FULL),
    Row(POST, TWO + "totp/", PROVEN),
    Row(GET, TWO + "totp/confirm/", FULL),
    Row(POST, TWO + "totp/confirm/", PROVEN, body={"code": ""}),
    Row(GET, TWO + "totp/remove/", FULL),
    Row(POST, TWO + "totp/remove/", STRONG, by="ann"),
    Row(GET, TWO + "key/", FULL),
    Row(POST, TWO + "key/", PROVEN, body={"label": "blue"}),
    Row(GET, TWO + "key/remove/", FULL),
    Row(POST, TWO + "key/remove/", frozenset({"ann"}), body={"id": "{ids[key]}"}),
    Row(GET, ACCOUNT + "recovery-codes/", FULL),
    Row(POST, ACCOUNT + "recovery-codes/", PROVEN, by="ann"),
    Row(GET, ACCOUNT + "token/", FULL),
    Row(POST, ACCOUNT + "token/", STRONG, body={"description": "ci", "scope": "read", "project": "", "days": ""}),
    Row(GET, ACCOUNT + "token/revoke/", FULL),
    Row(POST, ACCOUNT + "token/revoke/", frozenset({"ann", "ann long ago"}), body={"id": "{ids[token ann manage]}"}, by="ann"),
    Row(GET, ACCOUNT + "sessions/", FULL),
    Row(POST, ACCOUNT + "sessions/", frozenset({"ann", "ann long ago"}), body={"id": "{ids[session ann long ago]}"}, by="ann"),
    Row(GET, ACCOUNT + "log/", FULL),
)
PENDING = ACCOUNT + "publishing/"
PEOPLES = (
    Row(GET, "/manage/projects/", FULL),
    Row(POST, "/manage/projects/accept/", frozenset({"eve"}), body={"invitation": "{ids[invitation]}"}),
    Row(POST, "/manage/projects/decline/", frozenset({"eve"}), body={"invitation": "{ids[invitation]}"}),
    Row(GET, "/invitations/", frozenset({"eve"}), "/invitations/?token=" + SECRETS["role"]),
    Row(POST, "/invitations/", frozenset({"eve"}), body={"token": SECRETS["role"]}),
    Row(GET, PENDING, PROVEN),
    Row(POST, PENDING, STRONG, body={**GITHUB, "project_name": "brand-new"}),
    Row(GET, PENDING + "test/", PROVEN),
    Row(POST, PENDING + "test/", PROVEN, body=CLAIMS, quiet=True),
    Row(GET, PENDING + "{id}/remove/", frozenset({"ann"}), PENDING + "p{ids[pending ann]}/remove/"),
    Row(POST, PENDING + "{id}/remove/", frozenset({"ann"}), PENDING + "p{ids[pending ann]}/remove/"),
)
SETTINGS, TOGETHER = MANAGE + "settings/", MANAGE + "collaboration/"
PROJECTS = (
    Row(GET, MANAGE + "releases/", MEMBERS | {"ann long ago", "root long ago"}),
    Row(GET, RELEASE, MEMBERS),
    Row(POST, RELEASE + "yank/", OWNERS, body={"reason": "broken"}),
    Row(POST, RELEASE + "unyank/", OWNERS, quiet=True),
    Row(POST, RELEASE + "delete/", OWNERS, body={"confirm": "1.0"}),
    Row(POST, RELEASE + "delete-file/", OWNERS, body={"filename": FILENAME, "confirm": PROJECT}),
    Row(GET, SETTINGS, OWNERS),
    Row(POST, SETTINGS + "trusted-only/", OWNERS, body={"on": "yes"}),
    Row(POST, SETTINGS + "archive/", OWNERS, body={"reason": "over"}),
    Row(POST, SETTINGS + "unarchive/", OWNERS, quiet=True),
    Row(POST, SETTINGS + "transfer/", OWNERS, body={"user": "mia", "confirm": PROJECT}),
    Row(POST, SETTINGS + "delete/", OWNERS, body={"confirm": PROJECT}),
    Row(GET, PUBLISHING, OWNERS),
    Row(POST, PUBLISHING, OWNERS, body=GITHUB),
    Row(GET, PUBLISHING + "test/", OWNERS),
    Row(POST, PUBLISHING + "test/", OWNERS, body=CLAIMS, quiet=True),
    Row(GET, PUBLISHING + "{id}/remove/", OWNERS, PUBLISHING + "{link}/remove/"),
    Row(POST, PUBLISHING + "{id}/remove/", OWNERS, PUBLISHING + "{link}/remove/"),
    Row(GET, PUBLISHING + "{id}/constrain/", OWNERS, PUBLISHING + "{link}/constrain/"),
    Row(POST, PUBLISHING + "{id}/constrain/", OWNERS, PUBLISHING + "{link}/constrain/", body={"refs": "refs/tags/v*"}),
    Row(GET, MANAGE + "history/", OWNERS | {"ann long ago", "root long ago"}),
    Row(GET, TOGETHER, MEMBERS),
    Row(POST, TOGETHER, OWNERS, body={"who": "bob", "role": "maintainer"}),
    Row(POST, TOGETHER + "cancel/", OWNERS, body={"invitation": "{ids[invitation]}"}),
    Row(POST, TOGETHER + "change/", OWNERS, body={"user": "mia", "role": "owner"}),
    Row(POST, TOGETHER + "remove/", OWNERS, body={"user": "mia"}),
    Row(POST, TOGETHER + "leave/", frozenset({"ann", "mia"})),
)
ADMINS = (
    Row(GET, "/admin/", ADMIN),
    Row(GET, "/admin/invite/", ADMIN),
    Row(POST, "/admin/invite/", ADMIN, body={"email": "x@mail.example"}),
    Row(GET, "/admin/active/", ADMIN),
    Row(POST, "/admin/active/", ADMIN, body={"id": "{ids[eve]}", "active": "no"}),
    Row(GET, "/admin/projects/", ADMIN),
    Row(GET, "/admin/projects/{name}/", ADMIN),
    Row(POST, "/admin/projects/{name}/quarantine/", ADMIN, body={"reason": "malware"}),
    Row(POST, "/admin/projects/{name}/release/", ADMIN, quiet=True),
)
PUBLISHERS = API + "publishers"
ROLE = {"role": "owner"}
PROGRAMS = (
    Row(GET, PUBLISHERS, LOOKING),
    Row(POST, PUBLISHERS, CHANGING, body={"project": PROJECT, "provider": "github", "publisher": NEW}),
    Row(PATCH, PUBLISHERS + "/{id}", CHANGING, PUBLISHERS + "/{link}", body={"refs": ["refs/tags/v*"]}),
    Row(DELETE, PUBLISHERS + "/{id}", CHANGING, PUBLISHERS + "/{link}"),
    Row(POST, PUBLISHERS + "/{id}/test", OF_OWNERS, PUBLISHERS + "/{link}/test", body={"claims": {}}, quiet=True),
    Row(GET, API + "pending", LOOKING),
    Row(GET, API + "projects", LOOKING),
    Row(GET, MINE, IN_PROJECT),
    Row(PATCH, MINE, CHANGING, body={"trusted_only": True}),
    Row(DELETE, MINE, CHANGING, body={"confirm": PROJECT}),
    Row(GET, MINE + "/events", OF_OWNERS),
    Row(GET, MINE + "/people", IN_PROJECT),
    Row(PATCH, MINE + "/people/{user}", CHANGING, body=ROLE),
    Row(DELETE, MINE + "/people/{user}", CHANGING),
    Row(POST, MINE + "/invitations", CHANGING, body={"who": "bob", "role": "maintainer"}),
    Row(DELETE, MINE + "/invitations/{id}", CHANGING, MINE + "/invitations/{ids[invitation]}"),
    Row(GET, MINE + "/releases", IN_PROJECT),
    Row(DELETE, MINE + "/releases/{version}", CHANGING, body={"confirm": "1.0"}),
    Row(POST, MINE + "/releases/{version}/yank", CHANGING, body={"reason": "broken"}),
    Row(DELETE, MINE + "/releases/{version}/yank", CHANGING, quiet=True),
    Row(DELETE, MINE + "/files/{filename}", CHANGING, body={"confirm": PROJECT}),
    Row(GET, API + "readers", frozenset({"root manage"})),
    Row(POST, API + "readers", frozenset({"root manage"}), body={"provider": "github", "publisher": NEW}),
    Row(DELETE, API + "readers/{id}", frozenset({"root manage"}), API + "readers/{ids[reader]}"),
    Row(GET, API + "whoami", LOOKING | {"ann upload", "ann upload of annex", "mia upload", "eve upload", "bob upload",
        "root upload"}),
    Row(GET, API + "openapi.json", EVERYBODY),
)  # fmt: skip
INSTALLERS = (
    Row(GET, "/pypi/{name}/json", EVERYBODY),
    Row(GET, "/pypi/{name}/json/", EVERYBODY),
    Row(GET, "/pypi/{name}/{version}/json", EVERYBODY),
    Row(GET, "/pypi/{name}/{version}/json/", EVERYBODY),
    Row(GET, "/integrity/{name}/{version}/{filename}/provenance", frozenset(), quiet=True),
    Row(GET, "/integrity/{name}/{version}/{filename}/provenance/", frozenset(), quiet=True),
    Row(GET, "/healthz", EVERYBODY),
    Row(GET, "/readyz", EVERYBODY),
    Row(GET, "/metrics", EVERYBODY),
    Row(GET, "/.well-known/pytp", EVERYBODY),
    Row(GET, "/.well-known/pytp/{key}", EVERYBODY, "/.well-known/pytp/" + KEY),
    Row(GET, "/_/oidc/audience", EVERYBODY),
)
UPLOADERS = frozenset({"ann upload", "mia upload", "publisher"})
EXCHANGES = (
    Row(POST, "/_/oidc/mint-token", EVERYBODY, body={"token": "x"}, quiet=True),
    Row(POST, "/_/oidc/github/mint-token", EVERYBODY, body={"token": "x"}, quiet=True),
    Row(POST, "/_/oidc/read-token", EVERYBODY, body={"token": "x"}, quiet=True),
    Row(POST, "/_/oidc/burn-token", EVERYBODY, body={"token": "x"}, quiet=True),
)
UPLOADS = (Row(POST, "/legacy/", UPLOADERS, body=upload()), Row(POST, "/legacy", EVERYBODY, body=upload(), quiet=True))
UPLOAD_HEADERS = headers("")
TABLE = (*FOR_EVERYBODY, *ACCOUNTS, *PEOPLES, *PROJECTS, *ADMINS, *PROGRAMS, *INSTALLERS, *EXCHANGES, *UPLOADS)
"""Everything. A route that stands in the application and not here fails the test."""
