"""What a service outside says over HTTP: statuses, and JSON that is bounded and checked before anything reads it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.domain.errors import Permanent, PrivacyError, Transient
from shared.domain.json_path import parse_json
from shared.ports.egress import Answer, Egress

LONGEST_WAIT = 3600.0  # seconds that a service may ask us to wait
_MISSING = frozenset({404, 405, 501})

type Number = Annotated[int, Field(ge=0, le=10**12)]
type JobId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,128}$")]


class _Told(BaseModel):
    model_config = ConfigDict(defer_build=True, frozen=True, strict=True, hide_input_in_errors=True)


class Records(_Told):
    """One page of an export; without a cursor it is the last."""

    records: Annotated[list[dict[str, Any]], Field(max_length=10_000)]
    cursor: Annotated[str, Field(min_length=1, max_length=2048)] | None = None


class Count(_Told):
    """How many records an erasure would find."""

    count: Number


class Job(_Told):
    """Work that the service took over."""

    job: JobId | None = None


class Statement(_Told):
    """What the service says it did. Only with a count, and nothing remaining, does it show anything."""

    status: Literal["done", "failed"]
    count: Number | None = None
    remaining: Number | None = None

    @property
    def evidence(self) -> int:
        """How many records went, or say what they should.

        Raises:
            Permanent: `vendor_failed`; or `no_evidence`, it does not say that nothing remains.
        """
        if self.status == "failed":
            raise Permanent("vendor_failed")
        if self.count is None or self.remaining != 0:
            raise Permanent("no_evidence")
        return self.count


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpApi:
    """One service's calls. Statuses other than those asked for are failures."""

    egress: Egress
    url: str
    credential: str | None

    async def post(
        self, path: str, body: Mapping[str, Any], *, allowed: frozenset[int], key: str | None = None
    ) -> Answer:
        """Send JSON. `key` lets the service know a repeat."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        sent = json.dumps(body, separators=(",", ":")).encode()
        return await self._call("POST", path, headers, sent, allowed)

    async def get(self, path: str, *, allowed: frozenset[int]) -> Answer:
        """Ask."""
        return await self._call("GET", path, {"Accept": "application/json"}, None, allowed)

    async def _call(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None, allowed: frozenset[int]
    ) -> Answer:
        url = f"{self.url.rstrip('/')}{path}"
        answer = await self.egress.call(method, url, headers=headers, body=body, credential=self.credential)
        if answer.status not in allowed:
            raise _failure(answer)
        return answer


def read[M: BaseModel](model: type[M], answer: Answer, otherwise: str) -> M:
    """Read an answer as a model.

    Raises:
        Permanent: it is none; `otherwise` is the code.
    """
    try:
        return model.model_validate(parse_json(answer.body))
    except (ValueError, ValidationError):
        raise Permanent(otherwise) from None


def _failure(answer: Answer) -> PrivacyError:
    status = answer.status
    if status in {408, 425, 429} or (status >= 500 and status not in _MISSING):
        asked = answer.headers.get("retry-after", "")
        wait = min(float(asked), LONGEST_WAIT) if asked.isascii() and asked.isdigit() else None
        return Transient("throttled" if status in {429, 503} else f"status_{status}", wait)
    if status in {401, 403}:
        return Permanent("access_denied")
    return Permanent("store_missing" if status in _MISSING else f"refused_{status}")
