"""Keyed references and derived secrets: what stands for a person or a proof without being stored.

`subject_ref` = HMAC-SHA-256 over (purpose, tenant, kind, normalised identifier) with the key version in front, so
that keys rotate: new references use the newest key, look-ups try every live one. Codes and link secrets are derived
from (request, purpose, issue number), so that a repeated mail carries the same one and none is ever stored.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from shared.domain.errors import NotSignedIn
from shared.domain.request import RequestId

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: nothing that is misread
CODE_LENGTH = 8
TYPED_SECRET_LENGTH = 12
PACKAGE: Literal["package"] = "package"
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V", " ": None, "-": None})

type ExportKind = Literal["package", "certificate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A confirmed code, presented again: who holds it may see one request until `expires_at`."""

    request_id: RequestId
    proven_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class References:
    """The keys, by version, and everything derived from them."""

    reference_keys: Mapping[int, bytes]
    code_keys: Mapping[int, bytes]

    def subject(self, kind: str, value: str, tenant: str | None) -> str:
        """Return the newest reference of a normalised identifier."""
        return self._reference(max(self.reference_keys), "index", tenant, kind, value)

    def subject_in_all_versions(self, kind: str, value: str, tenant: str | None) -> list[str]:
        """Return the references of an identifier under every live key, newest first."""
        versions = sorted(self.reference_keys, reverse=True)
        return [self._reference(version, "index", tenant, kind, value) for version in versions]

    def handles(self, kind: str, value: str, tenant: str | None) -> list[str]:
        """Return what stands for an identifier where limits on processing are looked up, the oldest key's first.

        The first is the one that is told: it stays the same for as long as its key lives.
        """
        return [self._reference(version, "handle", tenant, kind, value) for version in sorted(self.reference_keys)]

    def limit(self, scope: str, value: str) -> str:
        """Return the reference under which floods from or to something are counted."""
        return self._reference(max(self.reference_keys), "limit", None, scope, value)

    def body_hash(self, body: bytes) -> str:
        """Return a keyed hash of a request body, for Idempotency-Key."""
        return self._mac(self.reference_keys[min(self.reference_keys)], "body", body.hex()).hex()

    def idempotent_id(self, caller: str, route: str, key: str) -> UUID:
        """Return the id that a repeated call with the same Idempotency-Key gets again; nobody else can guess it."""
        mac = self._mac(self.reference_keys[min(self.reference_keys)], "idempotency", caller, route, key)
        return UUID(bytes=mac[:16], version=4)

    def code(self, request_id: RequestId, issue: int) -> str:
        """Return the mail code of one issue, eight letters."""
        return self._letters(CODE_LENGTH, "code", request_id, str(issue))

    def link_secret(self, request_id: RequestId, issue: int, kind: ExportKind = PACKAGE) -> str:
        """Return the secret a link carries in its fragment, 256 bits in URL-safe base 64."""
        mac = self._mac(self._code_key, "link", request_id, str(issue), *_beside(kind))
        return base64.urlsafe_b64encode(mac).decode().rstrip("=")

    def typed_secret(self, request_id: RequestId, issue: int, kind: ExportKind = PACKAGE) -> str:
        """Return the link's secret in a form that people type, twelve letters."""
        return self._letters(TYPED_SECRET_LENGTH, "typed-link", request_id, str(issue), *_beside(kind))

    def stop_secret(self, request_id: RequestId) -> str:
        """Return the secret of the link that stops a request, 256 bits in URL-safe base 64."""
        return base64.urlsafe_b64encode(self._mac(self._code_key, "stop", request_id)).decode().rstrip("=")

    def typed_stop_secret(self, request_id: RequestId) -> str:
        """Return that secret in a form that people type, twelve letters."""
        return self._letters(TYPED_SECRET_LENGTH, "typed-stop", request_id)

    def is_stop_secret(self, request_id: RequestId, given: str) -> bool:
        """Compare a stop link's secret, in either form, in constant time."""
        long = _same(self.stop_secret(request_id), given.strip())
        short = _same(self.typed_stop_secret(request_id), as_typed(given))
        return long | short

    def export_id(self, request_id: RequestId, kind: ExportKind = PACKAGE) -> UUID:
        """Return the id of a request's package or certificate: the same whoever computes it, unguessable otherwise."""
        return UUID(bytes=self._mac(self._code_key, "export", request_id, *_beside(kind))[:16], version=4)

    def linked_id(self, request_id: RequestId, tenant: str, group: str) -> RequestId:
        """Return the id of a case that was split off for a tenant: it leads back to its origin for nobody else."""
        mac = self._mac(self._code_key, "linked", request_id, tenant, group)
        return RequestId(str(UUID(bytes=mac[:16], version=4)))

    def certificate_handle(self, request_id: RequestId) -> UUID:
        """Return the id that a request's certificate bears: it leads back to the request for nobody without the key."""
        return UUID(bytes=self._mac(self._code_key, "certificate", request_id)[:16], version=4)

    def salt(self, request_id: RequestId, number: int) -> str:
        """Return what hides one line of a request's certificate, 128 bits in URL-safe base 64."""
        mac = self._mac(self._code_key, "salt", request_id, str(number))
        return base64.urlsafe_b64encode(mac[:16]).decode().rstrip("=")

    def is_code(self, request_id: RequestId, issue: int, given: str) -> bool:
        """Compare a typed code in constant time."""
        return _same(self.code(request_id, issue), as_typed(given))

    def is_link_secret(self, request_id: RequestId, issue: int, given: str, kind: ExportKind = PACKAGE) -> bool:
        """Compare a link's secret, in either form, in constant time."""
        long = _same(self.link_secret(request_id, issue, kind), given.strip())
        short = _same(self.typed_secret(request_id, issue, kind), as_typed(given))
        return long | short

    def session_token(self, session: Session) -> str:
        """Return the bearer token of a session."""
        told = f"{session.request_id}.{int(session.proven_at.timestamp())}.{int(session.expires_at.timestamp())}"
        return f"s1.{told}.{self._mac(self._code_key, 'session', told).hex()}"

    def session(self, token: str, now: datetime) -> Session:
        """Read a session token.

        Raises:
            NotSignedIn: it is not ours, or it has expired.
        """
        kind, _, rest = token.partition(".")
        told, _, mac = rest.rpartition(".")
        if kind != "s1" or not _same(self._mac(self._code_key, "session", told).hex(), mac):
            raise NotSignedIn
        request_id, proven, expires = told.split(".")
        session = Session(
            request_id=RequestId(request_id),
            proven_at=datetime.fromtimestamp(int(proven), now.tzinfo),
            expires_at=datetime.fromtimestamp(int(expires), now.tzinfo),
        )
        if session.expires_at <= now:
            raise NotSignedIn
        return session

    def callback_token(self, request_id: RequestId, task_key: str, attempt: int) -> str:
        """Return the token that a system outside answers one attempt at a task with."""
        return f"c1.{attempt}.{self._callback_mac(self._code_key, request_id, task_key, str(attempt))}"

    def is_callback_token(self, request_id: RequestId, task_key: str, given: str) -> bool:
        """Tell, in constant time, whether a token is of any attempt at this task, under any live key."""
        kind, _, rest = given.partition(".")
        attempt, _, mac = rest.partition(".")
        macs = [self._callback_mac(key, request_id, task_key, attempt) for key in self.code_keys.values()]
        return kind == "c1" and any([_same(one, mac) for one in macs])  # noqa: C419 - all are compared

    def nonce(self, state: str) -> str:
        """Return the nonce that belongs to a sign-in's state."""
        return self._mac(self._code_key, "nonce", state).hex()

    def is_nonce(self, state: str, given: str) -> bool:
        """Compare a nonce that came back in constant time."""
        return _same(self.nonce(state), given)

    def state(self, target: str, now: datetime, valid_for: timedelta) -> str:
        """Return a sign-in state that carries where to go on, and is good for a while."""
        told = f"{int((now + valid_for).timestamp())}.{target}"
        return f"{told}.{self._mac(self._code_key, 'state', told).hex()}"

    def state_target(self, state: str, now: datetime) -> str:
        """Read where a sign-in goes on.

        Raises:
            NotSignedIn: the state is not ours, or has expired.
        """
        told, _, mac = state.rpartition(".")
        if not _same(self._mac(self._code_key, "state", told).hex(), mac):
            raise NotSignedIn
        until, _, target = told.partition(".")
        if int(until) <= now.timestamp():
            raise NotSignedIn
        return target

    def _callback_mac(self, key: bytes, request_id: RequestId, task_key: str, attempt: str) -> str:
        return self._mac(key, "callback", request_id, task_key, attempt).hex()

    @property
    def _code_key(self) -> bytes:
        return self.code_keys[max(self.code_keys)]

    def _reference(self, version: int, purpose: str, tenant: str | None, kind: str, value: str) -> str:
        mac = self._mac(self.reference_keys[version], purpose, tenant or "", kind, value)
        return f"k{version}.{mac.hex()}"

    def _letters(self, length: int, *told: str) -> str:
        number = int.from_bytes(self._mac(self._code_key, *told))
        return "".join(ALPHABET[number >> (5 * place) & 31] for place in range(length))

    @staticmethod
    def _mac(key: bytes, *told: str) -> bytes:
        # Each part is preceded by its length, so that no two lists of parts read alike.
        text = "".join(f"{len(part)}:{part}" for part in told)
        return hmac.digest(key, text.encode(), hashlib.sha256)


def _beside(kind: ExportKind) -> tuple[str, ...]:
    """Return what tells a kind's secrets from a package's, which are derived without a kind."""
    return () if kind == PACKAGE else (kind,)


def as_typed(given: str) -> str:
    """Return a typed code in the form it is compared in: capitals, no spaces, look-alikes mapped."""
    return given.strip().upper().translate(_LOOKALIKES)


def _same(ours: str, given: str) -> bool:
    return hmac.compare_digest(ours.encode(), given.encode())
