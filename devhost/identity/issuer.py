"""Signs tokens in the shapes of Entra ID's version 2.0 and of managed identities."""

import base64
import hashlib
import random
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from devhost.directory import find
from devhost.folder import write_private
from samples.people import HOME, named_id

AUDIENCE = named_id("application", "privacy-api")
SIGN_IN_CLIENT = named_id("application", "privacy-sign-in")
USER_CLIENT = named_id("application", "spinpanel-portal")
MANAGED_CLIENT = named_id("application", "privacy-managed-identity")
TELEMETRY_CLIENT = named_id("application", "telemetry-service")
ROLES = {TELEMETRY_CLIENT: ("Privacy.Service",)}  # that managed identities were granted on our API
SCOPE = "access_as_user"
MANAGED_TOKEN_LIVES = 86_400
Claims = dict[str, Any]


def signing_key(folder: Path) -> rsa.RSAPrivateKey:
    """The stack's key, made at first use."""
    file = folder / "signing.key"
    if not file.exists():
        fresh = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        write_private(
            file,
            fresh.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
        )
    key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("the signing key is not an RSA key")
    return key


@dataclass(frozen=True, slots=True)
class Issuer:
    """One key that speaks for every tenant."""

    authority: str
    key: rsa.RSAPrivateKey

    def issuer(self, tenant: str) -> str:
        """The `iss` of a tenant's version 2.0 tokens."""
        return f"{self.authority}/{tenant}/v2.0"

    @property
    def key_id(self) -> str:
        """The name of the key, derived from it."""
        public = self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.urlsafe_b64encode(hashlib.sha256(public).digest()[:20]).rstrip(b"=").decode()

    def key_set(self, tenant: str) -> Claims:
        """The public key as a JSON Web Key Set; a shared endpoint names the issuer's template."""
        jwk = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        named = {"kid": self.key_id, "use": "sig", "alg": "RS256", "issuer": self.issuer(tenant)}
        return {"keys": [{key: jwk[key] for key in ("kty", "n", "e")} | named]}

    def user_token(self, tenant: str, user: str, roles: Sequence[str]) -> Claims:
        """Claims of an access token of a signed-in person."""
        return self._base(tenant, AUDIENCE, user) | {
            "azp": USER_CLIENT,
            "azpacr": "0",
            "scp": SCOPE,
            **({"roles": list(roles)} if roles else {}),
            **_names(tenant, user),
        }

    def app_token(self, tenant: str, client: str, roles: Sequence[str]) -> Claims:
        """Claims of an access token of a program that calls in its own name."""
        principal = named_id("principal", tenant, client)
        return self._base(tenant, AUDIENCE, principal) | {
            "azp": client,
            "azpacr": "1",
            "idtyp": "app",
            "sub": principal,
            **({"roles": list(roles)} if roles else {}),
        }

    def id_token(self, tenant: str, user: str, client: str, nonce: str) -> Claims:
        """Claims of the token that a sign-in answers with; the person has chosen just now."""
        return self._base(tenant, client, user) | {
            "auth_time": int(time.time()),
            "nonce": nonce,
            **_names(tenant, user),
        }

    def managed_token(self, resource: str, client: str) -> Claims:
        """Claims of a managed identity's token: for our API in version 2.0, as it asks for, else in the older one."""
        if resource == AUDIENCE:
            ours = self.app_token(HOME.id, client, ROLES.get(client, ()))
            return ours | {"exp": ours["iat"] + MANAGED_TOKEN_LIVES, "azpacr": "2"}
        claims = self._base(HOME.id, resource.rstrip("/"), named_id("principal", HOME.id, client))
        return claims | {
            "iss": f"https://sts.windows.net/{HOME.id}/",
            "exp": claims["iat"] + MANAGED_TOKEN_LIVES,
            "ver": "1.0",
            "appid": client,
            "appidacr": "2",
            "idtyp": "app",
        }

    def sign(self, claims: Claims) -> str:
        """The claims as a signed token."""
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": self.key_id})

    def _base(self, tenant: str, audience: str, oid: str) -> Claims:
        now = int(time.time())
        return {
            "aud": audience,
            "iss": self.issuer(tenant),
            "iat": now,
            "nbf": now,
            "exp": now + random.randint(3600, 5400),
            "tid": tenant,
            "oid": oid,
            "sub": base64.urlsafe_b64encode(hashlib.sha256(f"{oid}{audience}".encode()).digest()).decode()[:43],
            "uti": secrets.token_urlsafe(16),
            "ver": "2.0",
        }


def _names(tenant: str, user: str) -> Claims:
    known = find(tenant, user)
    return {"name": known.name, "preferred_username": known.upn} if known else {}
