"""The stack's own certificate authority, the certificate it serves with, and the bundle that trusts both."""

import datetime as dt
import ipaddress
import os
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from devhost.folder import write_private

AUTHORITY_LIVES = dt.timedelta(days=3650)
LEAF_LIVES = dt.timedelta(days=365)
RENEW_BEFORE = dt.timedelta(days=30)
SKEW = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Certificates:
    """Where the parts lie."""

    certificate: Path
    key: Path
    bundle: Path


def ensure(folder: Path, now: dt.datetime) -> Certificates:
    """Make what is missing, renew what ends within 30 days, and say where all lies."""
    authority_file, authority_key_file = folder / "authority.pem", folder / "authority.key"
    found = Certificates(folder / "server.pem", folder / "server.key", folder / "bundle.pem")
    if ends_soon(authority_file, now):
        authority_key = ec.generate_private_key(ec.SECP256R1())
        write_private(authority_key_file, _private(authority_key))
        write_private(authority_file, _pem(_authority(authority_key, now)))
        found.certificate.unlink(missing_ok=True)
    if ends_soon(found.certificate, now):
        authority = x509.load_pem_x509_certificate(authority_file.read_bytes())
        signer = serialization.load_pem_private_key(authority_key_file.read_bytes(), password=None)
        if not isinstance(signer, ec.EllipticCurvePrivateKey):
            raise TypeError("the authority's key is not an elliptic curve key")
        key = ec.generate_private_key(ec.SECP256R1())
        write_private(found.key, _private(key))
        write_private(found.certificate, _pem(_leaf(key, authority, signer, now)))
    write_private(found.bundle, system_roots() + authority_file.read_bytes())
    return found


def ends_soon(file: Path, now: dt.datetime) -> bool:
    """Whether the certificate is missing or needs renewal."""
    if not file.exists():
        return True
    return x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc - now < RENEW_BEFORE


def system_roots() -> bytes:
    """The authorities this machine trusts already; an environment's own choice comes first."""
    paths = ssl.get_default_verify_paths()
    for place in (os.environ.get("SSL_CERT_FILE"), paths.cafile, paths.openssl_cafile):
        if place and Path(place).is_file():
            return Path(place).read_bytes().rstrip() + b"\n"
    held = ssl.create_default_context().get_ca_certs(binary_form=True)
    return "".join(ssl.DER_cert_to_PEM_cert(der) for der in held).encode()


def _authority(key: ec.EllipticCurvePrivateKey, now: dt.datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Spinpanel local stack")])
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        _builder(name, name, key, now, AUTHORITY_LIVES)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )


def _leaf(
    key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    signer: ec.EllipticCurvePrivateKey,
    now: dt.datetime,
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    hosts = [
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.IPv4Address("127.0.0.1")),
        x509.IPAddress(ipaddress.IPv6Address("::1")),
    ]
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    return (
        _builder(name, authority.subject, key, now, LEAF_LIVES)
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(issuer_key, critical=False)
        .sign(signer, hashes.SHA256())
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: dt.datetime, lives: dt.timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + lives)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
