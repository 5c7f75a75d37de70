"""The client never got a proper answer from the index's exchange."""

from __future__ import annotations

from trustpub.domain.failures.clue import Cause, Clue

_ADDRESSES = ("/_/oidc/", "mint-token", "trusted publishing", "Trusted publishing", "trusted-publishing")
_NO_HOST = ("resolve", "Name or service not known", "lookup address", "nodename", "dns error", "Missing credentials for")

CAUSES = (
    Cause(
        "plain-http",
        "the client asks over https, and the index speaks plain http there",
        (
            Clue("WRONG_VERSION_NUMBER", near=_ADDRESSES),
            Clue("record layer failure", near=_ADDRESSES),
            Clue("received corrupt message of type InvalidContentType", near=_ADDRESSES),
        ),
        "Give the index a certificate (or a proxy with one in front of it): clients ask for the audience and the upload token "
        "over https, whatever the upload address begins with.",
    ),
    Cause(
        "untrusted-certificate",
        "the client does not trust the index's certificate",
        (
            Clue("CERTIFICATE_VERIFY_FAILED", near=_ADDRESSES),
            Clue("invalid peer certificate", near=_ADDRESSES),
        ),
        "Tell the client about your authority: `SSL_CERT_FILE` for uv, `REQUESTS_CA_BUNDLE` for twine and the publish action.",
    ),
    Cause(
        "no-trusted-publishing",
        "the index that was asked offers no Trusted Publishing",
        (
            Clue("does not indicate trusted publishing support"),
            Clue("does not indicate OIDC support"),
            Clue("Not Found for url: {url}/_/oidc/audience"),
            Clue("/_/oidc/audience", near=("404 ", "404)")),
        ),
        "Look at the upload address: PyPI's and TestPyPI's own offer it. For another index use an API token, or one that offers "
        "Trusted Publishing.",
        field="repository-url",
    ),
    Cause(
        "index-outage",
        "the index did not answer the exchange as it should; it may be down",
        (
            Clue("responded with unexpected 5"),
            Clue("the index produced an unexpected"),
            Clue("The token-minting request returned invalid JSON"),
            Clue("500 Internal Server Error", near=_ADDRESSES),
            Clue("502 Bad Gateway", near=_ADDRESSES),
            Clue("503 Service Unavailable", near=_ADDRESSES),
            Clue("504 Gateway", near=_ADDRESSES),
            Clue("Server Error: {phrase}", near=("/_/oidc/",)),
        ),
        "Wait a few minutes, look at the index's status page, and re-run the job: nothing was uploaded with a token that was "
        "never given.",
        sure="likely",
    ),
    Cause(
        "foreign-answer",
        "the index answered the exchange in a form of its own, which the client cannot read",
        (
            Clue("the index gave us an invalid response"),
            Clue("KeyError: 'errors'", near=("mint", "oidc", "trusted_publishing")),
            Clue("KeyError: 'token'", near=("mint", "oidc", "trusted_publishing")),
            Clue("missing field `token`", near=("rusted publishing", "OIDC", "mint"), apart=("resolve PyPI token",)),
        ),
        'An index answers `{{"token": ...}}`, or 422 with `errors`, each with `code` and `description`. Upgrade the index, or '
        'look '
        "whether a proxy in front of it answers instead.",
    ),
    Cause(
        "testpypi-host",
        "TestPyPI has no host of its own for uploads",
        (
            Clue("//upload.test.", near=_NO_HOST), Clue("//test.upload.", near=_NO_HOST),
        ),
        "Take `upload.` out of the address: TestPyPI takes uploads at its web host, below `/legacy/`.",
        field="repository-url",
    ),
    Cause(
        "index-unreachable",
        "the client could not reach the index's exchange",
        (
            Clue("Connection refused", near=("/_/oidc/",)),
            Clue("Failed to resolve", near=("/_/oidc/",)),
            Clue("dns error", near=("/_/oidc/",)),
            Clue("timed out", near=("/_/oidc/",)),
            Clue("Max retries exceeded with url: /_/oidc/"),
        ),
        "Look at the upload address and at what the runner may reach, and re-run the job.",
        sure="likely",
        behind=("plain-http", "untrusted-certificate", "testpypi-host"),
    ),
)  # fmt: skip
