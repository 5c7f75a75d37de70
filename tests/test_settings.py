"""Reading the settings: what is taken, and every wrong key named at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from trustpub.domain.issuers import BUILT_IN, Issuer
from trustpub.domain.matching import Profile
from trustpub.domain.publishers import Provider
from trustpub.errors import BadInput, BrokenFile
from trustpub.settings import Limits, ServerSettings, address_problem, blobs_folder, load


def read(folder: Path, text: str) -> ServerSettings:
    """The settings of an index with this configuration."""
    config = folder / "index.toml"
    config.write_text(text)
    return load(folder / "data", config)


def refusal(folder: Path, text: str) -> str:
    """What is said about this configuration."""
    with pytest.raises(BadInput) as problem:
        read(folder, text)
    return str(problem.value)


def test_without_a_configuration_everything_has_its_default(tmp_path: Path) -> None:
    """GitHub and GitLab are issuers, our own rules apply, and only this machine is listened to."""
    assert ServerSettings(tmp_path / "data") == load(tmp_path / "data")
    settings = load(tmp_path / "data")
    assert ("127.0.0.1", 8080, "trustpub", Profile.TRUSTPUB) == (
        settings.host,
        settings.port,
        settings.audience,
        settings.profile,
    )
    assert BUILT_IN == settings.issuers
    assert tmp_path / "data" == blobs_folder(settings)


def test_every_key_is_taken(tmp_path: Path) -> None:
    """The contract's configuration, whole."""
    (tmp_path / "keys.json").write_text("{}")
    settings = read(
        tmp_path,
        """
        [index]
        url = "https://packages.example/"
        audience = "acme"
        profile = "pypi"
        database = "postgresql://index@db/index"
        blobs = "bytes"
        [[issuers]]
        kind = "gitlab"
        url = "https://gitlab.example"
        algorithms = ["RS256", "ES256"]
        jwks = "keys.json"
        [[issuers]]
        kind = "google"
        [[issuers]]
        kind = "github"
        url = "http://127.0.0.1:9000"
        jwks = "http://localhost:9000/jwks"
        [limits]
        file_size = 5
        """,
    )
    assert (
        ServerSettings(
            tmp_path / "data",
            config=tmp_path / "index.toml",
            url="https://packages.example",
            audience="acme",
            profile=Profile.PYPI,
            database="postgresql://index@db/index",
            blobs=tmp_path / "bytes",
            issuers=(
                *BUILT_IN,
                Issuer(Provider.GITLAB, "https://gitlab.example", ("RS256", "ES256"), str(tmp_path / "keys.json"), 86400),
                Issuer(Provider.GOOGLE, "https://accounts.google.com"),
                Issuer(Provider.GITHUB, "http://127.0.0.1:9000", jwks="http://localhost:9000/jwks"),
            ),
            limits=Limits(file_size=5),
        )
        == settings
    )
    assert tmp_path / "bytes" == blobs_folder(settings)


def test_the_audience_of_an_index_with_an_address_is_its_host(tmp_path: Path) -> None:
    """So that a token for one index is no token for another."""
    assert "packages.example" == read(tmp_path, '[index]\nurl = "https://packages.example:8443/"').audience


def test_a_further_index_takes_the_host_of_the_first_into_its_audience(tmp_path: Path) -> None:
    """Two hosts with a further index of the same name: an ID token for one is worth nothing at the other."""
    several = read(tmp_path, '[index]\nurl = "https://packages.example"\n[[indexes]]\npath = "team"')

    assert ["packages.example/team"] == [each.audience for each in several.others]


def test_nginx_has_the_files_of_a_further_index_below_its_path(tmp_path: Path) -> None:
    """They lie in a folder of their own, where the files of the first one are not."""
    several = read(tmp_path, '[files]\nsend = "accel"\naccel = "/kept/"\n[[indexes]]\npath = "team"')
    assert ["/kept/", "/team/kept/"] == [each.sending.accel for each in (several, *several.others)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[indx]", "unknown key `indx` (did you mean `index`?)"),
        ("[index]\naudiance = 'x'", "unknown key `index.audiance` (did you mean `audience`?)"),
        (
            "[index]\nzzz = 1",
            (
                "unknown key `index.zzz` (known: `url`, `audience`, `profile`, `name`, `private`, `database`, `blobs`, "
                "`old_release_days`, `pending_days`)"
            ),
        ),
        ("[limits]\nfile_sise = 1", "unknown key `limits.file_sise` (did you mean `file_size`?)"),
        ("[[issuers]]\nkind = 'github'\nulr = 'https://x'", "unknown key `issuers[1].ulr` (did you mean `url`?)"),
        ("[index]\nprofile = 'pypii'", "`index.profile` is `pypii` (did you mean `pypi`?)"),
        ("[index]\naudience = 5", "`index.audience` must be text"),
        ("[index]\naudience = ''", "`index.audience` must be printable ASCII without blanks"),
        ("[index]\naudience = 'a b'", "`index.audience` must be printable ASCII without blanks"),
        ("[index]\nurl = 'packages.example'", "`index.url` must begin with https://: `packages.example`"),
        ("[index]\nblobs = 'gs://bucket'", "`index.blobs` must be a folder, or `s3://BUCKET/PREFIX`: `gs://bucket`"),
        (
            "[index]\nblobs = 's3://b'",
            (
                "`index.blobs` must be a folder, or `s3://BUCKET/PREFIX` (a bucket's name has 3 to 63 small letters, digits, "
                "dots and hyphens): `s3://b`"
            ),
        ),
        ("[index]\ndatabase = 'mysql://a:secret@db/x'", "`index.database` must begin with postgresql://"),
        ("[index]\nold_release_days = -1", "`index.old_release_days` must be a whole number from 0 on"),
        ("index = 1", "`index` must be a table: `[index]`"),
        ("issuers = 1", "`issuers` must be written as `[[issuers]]`"),
        ("[issuers]\nkind = 'github'", "`issuers` must be written as `[[issuers]]`"),
        ("[limits]\nfile_size = 0", "`limits.file_size` must be a whole number above 0"),
        ("[limits]\nfile_size = true", "`limits.file_size` must be a whole number above 0"),
        ("[limits]\nfile_size = '5 MB'", "`limits.file_size` must be a whole number above 0"),
        (
            "[[issuers]]\nurl = 'https://x'",
            "`issuers[1].kind` is missing (known: `github`, `gitlab`, `google`, `activestate`, `oidc`)",
        ),
        ("[[issuers]]\nkind = 'oidc'", "`issuers[1].url` is missing"),
        ("[[issuers]]\nkind = 'gitla'", "`issuers[1].kind` is `gitla` (did you mean `gitlab`?)"),
        (
            "[[issuers]]\nkind = 'oidc'\nurl = 'http://ci.example'",
            "`issuers[1].url` must begin with https:// (plain http is for this machine only): `http://ci.example`",
        ),
        (
            "[[issuers]]\nkind = 'oidc'\nurl = 'https://ci.example'\njwks = 'http://ci.example/keys'",
            "`issuers[1].jwks` must begin with https:// (plain http is for this machine only): `http://ci.example/keys`",
        ),
        ("[[issuers]]\nkind = 'github'\nalgorithms = ['HS256']", "`issuers[1].algorithms` holds `HS256` (did you mean `RS256`?)"),
        ("[[issuers]]\nkind = 'github'\nalgorithms = []", "`issuers[1].algorithms` must be a list of names"),
        ("[[issuers]]\nkind = 'github'\nalgorithms = 'RS256'", "`issuers[1].algorithms` must be a list of names"),
        (
            "[s3]\nendpoint = 'http://store:9000'",
            (
                "`s3.endpoint` must begin with https:// (plain http is for this machine only): `http://store:9000`; "
                "a network of containers that is all yours may have it with `insecure = true`"
            ),
        ),
        (
            "[index]\ndatabase = 'postgresql://a:secret@db/x'\n[[indexes]]\npath = 'team'\ndatabase = 'postgresql://b@DB:5432/x'",
            "`indexes[1].database` is that of the index at `/` already: each index needs its own",
        ),
        (
            "[index]\nblobs = 's3://bucket/one'\n[[indexes]]\npath = 'team'\nblobs = 's3://bucket/one/'",
            "`indexes[1].blobs` is that of the index at `/` already: each index needs its own: `s3://bucket/one/`",
        ),
        (
            "[[indexes]]\npath = 'a'\naudience = 'x'\n[[indexes]]\npath = 'b'\naudience = 'x'",
            "`indexes[2].audience` is that of the index at `/a` already: each index needs its own: `x`",
        ),
        (
            "[[indexes]]\npath = 'a/b'",
            "`indexes[1].path` must be one free word of small letters, digits and `-`: `a/b`",
        ),
    ],
)
def test_a_wrong_key_or_value_is_named(tmp_path: Path, text: str, said: str) -> None:
    """With the nearest right one, and where to look."""
    assert f"`{tmp_path / 'index.toml'}`: {said}. See the reference of settings for every key" == refusal(tmp_path, text)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    """Nobody should have to run it once for each typo."""
    text = (
        "[index]\nulr = 'x'\nprofile = 'mine'\n[[issuers]]\nkind = 'gihub'\nurl = 'http://ci.example'\n[limits]\nfile_size = -1\n"
    )
    with pytest.raises(BadInput) as problem:
        read(tmp_path, text)
    said = str(problem.value)

    assert said.endswith(": 5 things in it cannot be used. See the reference of settings for every key:")
    assert ["`index.ulr`", "`issuers[1].kind`", "`issuers[1].url`", "`limits.file_size`", "`index.profile`"] == [
        line.removeprefix("  unknown key").split()[0] for line in problem.value.detail.splitlines()
    ]


def test_a_folder_that_may_not_be_looked_into_is_named(tmp_path: Path) -> None:
    """It is no defect of the program that somebody else owns it."""
    looped = tmp_path / "loop"
    looped.symlink_to(looped)
    with pytest.raises(BadInput, match=r"too many levels of symbolic links\. Name a folder you own with --data"):
        load(looped / "index")


def test_a_configuration_that_is_a_folder_is_told_so(tmp_path: Path) -> None:
    """Not that it is no text."""
    with pytest.raises(BadInput, match="cannot be read: is a directory"):
        load(tmp_path / "data", tmp_path)


def test_a_key_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """From the configuration's own folder."""
    said = refusal(tmp_path, "[[issuers]]\nkind = 'github'\njwks = 'keys.json'")
    assert f"`issuers[1].jwks`: there is no file `{tmp_path / 'keys.json'}`" in said


def test_a_file_that_is_not_toml_is_shown_with_its_place(tmp_path: Path) -> None:
    """File, line, column, and the line itself."""
    (tmp_path / "index.toml").write_text("[index]\nurl = https\n")
    with pytest.raises(BrokenFile) as problem:
        load(tmp_path / "data", tmp_path / "index.toml")
    assert (str(tmp_path / "index.toml"), 2, 7, "url = https") == (
        problem.value.path, problem.value.line, problem.value.column, problem.value.text,
    )  # fmt: skip


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path, content: bytes | None) -> None:
    """Not there, or not text."""
    if content is not None:
        (tmp_path / "index.toml").write_bytes(content)
    with pytest.raises(BadInput, match=r"^--config: "):
        load(tmp_path / "data", tmp_path / "index.toml")


@pytest.mark.parametrize("below", ["file", "file/data", "file/a/b"])
def test_a_data_folder_below_a_regular_file_is_one_line(tmp_path: Path, below: str) -> None:
    """Before anything is opened."""
    (tmp_path / "file").touch()
    with pytest.raises(BadInput) as problem:
        load(tmp_path / below)
    assert f"data folder `{tmp_path / below}`: `{tmp_path / 'file'}` is a regular file. Name a folder with --data" == str(
        problem.value
    )


def test_a_certificate_needs_its_key(tmp_path: Path) -> None:
    """And both must be files."""
    (tmp_path / "cert.pem").touch()
    with pytest.raises(BadInput, match="one was given without the other"):
        load(tmp_path / "data", tls_cert=tmp_path / "cert.pem")
    with pytest.raises(BadInput, match="--tls-key: there is no file"):
        load(tmp_path / "data", tls_cert=tmp_path / "cert.pem", tls_key=tmp_path / "key.pem")


@pytest.mark.parametrize(
    ("address", "fine"),
    [
        ("https://ci.example", True), ("https://ci.example:8443/path", True), ("http://127.0.0.1:80", True),
        ("http://localhost", True), ("http://[::1]:1", True), ("http://127.0.0.1.evil.example", False),
        ("http://localhost.evil.example", False), ("http://ci.example", False), ("https://user@ci.example", False),
        ("https://:pw@ci.example", False), ("https://ci.example/?q=1", False), ("https://ci.example/#f", False),
        ("ftp://ci.example", False),
        ("https://", False), ("", False), ("https://ci.example:99999", False), ("https://ci.example/a b", False),
        ("https://[::1", False), ("https://ci.example\n", False),
    ],
)  # fmt: skip
def test_plain_http_is_for_this_machine_only(address: str, fine: bool) -> None:
    """And no address may carry more than a place."""
    assert fine is (address_problem(address, https=True) is None)


def test_plain_http_to_a_store_is_asked_for(tmp_path: Path) -> None:
    """In a network of containers nobody has certificates."""
    assert "http://store:9000" == read(tmp_path, '[s3]\nendpoint = "http://store:9000"\ninsecure = true').s3.endpoint


def test_two_indexes_may_share_a_server_and_a_bucket(tmp_path: Path) -> None:
    """With a database, or a schema, and a prefix for each."""
    several = read(
        tmp_path,
        "[index]\ndatabase = 'postgresql://db/x'\nblobs = 's3://bucket/one'\n"
        "[[indexes]]\npath = 'a'\ndatabase = 'postgresql://db/y'\nblobs = 's3://bucket/two'\n"
        "[[indexes]]\npath = 'b'\ndatabase = 'postgresql://db/x?options=-csearch_path%3Db'\nblobs = 's3://bucket/three'",
    )
    assert ["/a", "/b"] == [each.path for each in several.others]


def test_the_database_address_is_not_shown(tmp_path: Path) -> None:
    """It may hold a password."""
    assert "secret" not in repr(ServerSettings(tmp_path, database="postgresql://me:secret@db/x"))
