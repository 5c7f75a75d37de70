"""The throw-away authority: files, names, and a real handshake."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import stat
import threading
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from trustpub.main.ca import Authority, make_authority

NAMES = ["upload.index.test", "10.1.2.3"]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """One authority, made now."""
    return make_authority(tmp_path, NAMES, dt.datetime.now(dt.UTC))


def test_files_are_for_the_owner_only(authority: Authority) -> None:
    """Neither the authority's file nor the leaf's, which holds a key, can be read by anybody else."""
    assert {stat.S_IMODE(path.stat().st_mode) for path in (authority.ca_file, authority.leaf_file)} == {0o600}


def test_the_authority_file_holds_no_key(authority: Authority) -> None:
    """What is handed to clients cannot sign anything."""
    assert b"PRIVATE KEY" not in authority.ca_file.read_bytes()


def test_the_leaf_is_shaped_as_clients_insist(authority: Authority) -> None:
    """Key identifiers, serverAuth, and every name, also 127.0.0.1, as the right kind of name."""
    leaf = x509.load_pem_x509_certificate(authority.leaf_file.read_bytes())
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["upload.index.test", "localhost"]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["10.1.2.3", "127.0.0.1"]
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier is not None


def test_the_authority_may_sign(authority: Authority) -> None:
    """CA:TRUE and keyCertSign, or rustls refuses the chain."""
    ca = x509.load_pem_x509_certificate(authority.ca_file.read_bytes())
    assert ca.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is True
    assert ca.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign is True


@pytest.mark.parametrize(("name", "fits"), [("upload.index.test", True), ("elsewhere.test", False)])
def test_a_client_believes_the_names_and_no_other(authority: Authority, name: str, fits: bool) -> None:
    """A handshake for one of the names holds, one for another name fails."""
    server, client = socket.socketpair()

    def serve() -> None:
        try:
            with authority.server_context().wrap_socket(server, server_side=True) as tls:
                tls.recv(1)
        except OSError:
            server.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        believed = authority.client_context().wrap_socket(client, server_hostname=name)
    except ssl.SSLCertVerificationError:
        client.close()
        assert not fits
    else:
        believed.close()
        assert fits
    thread.join()
