"""Key Vault's keys over HTTPS, as its REST API 7.x documents them, with the key material at hand for the test."""

import base64
import hashlib
import json
import ssl
import time

from aiohttp import web
from azure.core.credentials import AccessToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

PAGE = 2


def written(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def read(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class VaultToken:
    """A credential for the vault's own audience."""

    async def get_token(self, *scopes, **options):
        assert scopes == ("https://vault.azure.net/.default",), scopes
        return AccessToken("a token", int(time.time()) + 3600)

    async def close(self):
        """Nothing is open."""


class KeyVaultServer:
    """One vault with one key of several versions. `fails` answers that status to everything."""

    def __init__(self, tls):
        self.tls = tls
        self.versions = {}
        self.asked = []
        self.fails = None

    def add(self, version, scalar, *, created, enabled=True, **more):
        key = ec.derive_private_key(int.from_bytes(scalar), ec.SECP256R1())
        attributes = {"enabled": enabled, "created": int(created.timestamp()), "updated": int(created.timestamp())}
        attributes |= {name: int(at.timestamp()) for name, at in more.items()}
        self.versions[version] = (key, attributes)

    async def start(self):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.tls.certificate, self.tls.key)
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        self.url = f"https://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def stop(self):
        await self._runner.cleanup()

    async def _answer(self, request):
        if "Authorization" not in request.headers:
            told = 'Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"'
            return web.Response(status=401, headers={"WWW-Authenticate": told})
        assert request.query["api-version"]
        self.asked.append((request.method, request.path))
        if self.fails is not None:
            return self._refused(self.fails, "Failed")
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["keys", "certificates", "versions"]:
                return self._listed(int(request.query.get("$skiptoken", 0)))
            case "GET", ["keys", "certificates", version] if version in self.versions:
                return self._shown(version)
            case "POST", ["keys", "certificates", version, "sign"] if version in self.versions:
                return self._signed(version, await request.json())
        return self._refused(404, "KeyNotFound")

    def _listed(self, start):
        names = sorted(self.versions)
        value = [{"kid": self._kid(name), "attributes": self.versions[name][1]} for name in names[start : start + PAGE]]
        more = f"{self.url}/keys/certificates/versions?api-version=7.5&$skiptoken={start + PAGE}"
        return web.json_response({"value": value, "nextLink": more if start + PAGE < len(names) else None})

    def _shown(self, version):
        key, attributes = self.versions[version]
        if not attributes["enabled"]:
            return self._refused(403, "Forbidden")
        numbers = key.public_key().public_numbers()
        point = {"x": written(numbers.x.to_bytes(32)), "y": written(numbers.y.to_bytes(32))}
        jwk = {"kid": self._kid(version), "kty": "EC", "crv": "P-256", "key_ops": ["sign", "verify"], **point}
        return web.json_response({"key": jwk, "attributes": attributes})

    def _signed(self, version, body):
        assert body["alg"] == "ES256"
        digest = read(body["value"])
        assert len(digest) == hashlib.sha256().digest_size
        key = self.versions[version][0]
        r, s = utils.decode_dss_signature(key.sign(digest, ec.ECDSA(utils.Prehashed(hashes.SHA256()))))
        return web.json_response({"kid": self._kid(version), "value": written(r.to_bytes(32) + s.to_bytes(32))})

    def _kid(self, version):
        return f"{self.url}/keys/certificates/{version}"

    @staticmethod
    def _refused(status, code):
        body = json.dumps({"error": {"code": code, "message": "no"}})
        return web.Response(status=status, body=body, content_type="application/json")
