"""The stack's certificates: trusted, private, renewed in time."""

import asyncio
import dataclasses
import datetime as dt
import ssl

import pytest
from cryptography import x509

from devhost.certificates import ensure

NOW = dt.datetime.now(dt.UTC)


def leaf_and_authority(folder):
    pems = [(folder / name).read_bytes() for name in ("server.pem", "authority.pem")]
    return [x509.load_pem_x509_certificate(pem) for pem in pems]


async def handshake(found, name):
    """Serve with the certificate and connect as somebody who trusts the bundle and wants this name."""
    serving, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cafile=found.bundle)
    serving.load_cert_chain(found.certificate, found.key)
    served = asyncio.Event()

    async def answer(reader, writer):
        writer.close()
        await writer.wait_closed()
        served.set()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=serving)
    async with server:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting, server_hostname=name)
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
        await served.wait()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
async def test_whoever_has_the_bundle_trusts_the_server_by_address_and_by_name(tmp_path, name):
    await handshake(ensure(tmp_path, NOW), name)


async def test_it_stands_for_no_other_name(tmp_path):
    found = ensure(tmp_path, NOW)
    with pytest.raises(ssl.SSLCertVerificationError, match="not valid for"):
        await handshake(found, "spinpanel.example")


async def test_the_bundle_trusts_what_the_machine_trusted_too(tmp_path, monkeypatch):
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    other = ensure(tmp_path / "other", NOW)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "other" / "authority.pem"))
    one = ensure(tmp_path / "one", NOW)
    await handshake(one, "localhost")
    await handshake(dataclasses.replace(other, bundle=one.bundle), "localhost")


def test_keys_are_for_this_user_alone(tmp_path):
    ensure(tmp_path, NOW)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("*.key")} == {0o600}


def test_a_second_run_changes_nothing(tmp_path):
    ensure(tmp_path, NOW)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    ensure(tmp_path, NOW + dt.timedelta(days=300))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_certificate_is_renewed_before_it_ends_under_the_same_authority(tmp_path):
    ensure(tmp_path, NOW)
    first, authority = leaf_and_authority(tmp_path)
    ensure(tmp_path, NOW + dt.timedelta(days=340))
    second, same = leaf_and_authority(tmp_path)
    assert same == authority
    assert second.not_valid_after_utc > first.not_valid_after_utc
    second.verify_directly_issued_by(authority)


def test_an_authority_that_ends_takes_its_certificate_with_it(tmp_path):
    ensure(tmp_path, NOW)
    _, authority = leaf_and_authority(tmp_path)
    ensure(tmp_path, NOW + dt.timedelta(days=3630))
    leaf, fresh = leaf_and_authority(tmp_path)
    assert fresh != authority
    leaf.verify_directly_issued_by(fresh)


def test_what_a_crash_left_half_made_is_made_anew(tmp_path):
    found = ensure(tmp_path, NOW)
    (tmp_path / "authority.pem").unlink()
    ensure(tmp_path, NOW)
    leaf, authority = leaf_and_authority(tmp_path)
    leaf.verify_directly_issued_by(authority)
    found.certificate.unlink()
    ensure(tmp_path, NOW)
    assert leaf_and_authority(tmp_path)[0] != leaf
