"""Errors of the domain as problem details (RFC 9457), from one table. No value of the input is ever repeated."""

import json
from http import HTTPStatus
from typing import Any

import azure.functions as func
from pydantic import ValidationError

from shared.domain import errors

_STATUS: dict[type[errors.PrivacyError], HTTPStatus] = {
    errors.InvalidInput: HTTPStatus.BAD_REQUEST,
    errors.NotSignedIn: HTTPStatus.UNAUTHORIZED,
    errors.NotAllowed: HTTPStatus.FORBIDDEN,
    errors.ProofNeeded: HTTPStatus.FORBIDDEN,
    errors.CodeRejected: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Gone: HTTPStatus.GONE,
    errors.IdempotencyMismatch: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.StaleState: HTTPStatus.CONFLICT,
    errors.TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Transient: HTTPStatus.SERVICE_UNAVAILABLE,
}
_CODES: dict[type[errors.PrivacyError], str] = {
    errors.NotSignedIn: "not_signed_in",
    errors.NotAllowed: "not_allowed",
    errors.ProofNeeded: "proof_needed",
    errors.CodeRejected: "code_rejected",
    errors.NotFound: "not_found",
    errors.StaleState: "busy",
    errors.TooMany: "too_many_requests",
    errors.Transient: "unavailable",
}


# What to do next, where the code alone does not say.
_DETAILS = {
    "expired": "The package has been deleted. Ask for access again with POST /api/v1/requests.",
    "revoked": "This link was taken back. Ask for a fresh one with POST /api/v1/requests/{id}/link.",
    "tries_spent": "Too many wrong tries. Ask for a new code, or for a fresh link.",
    "code_expired": "Ask for a new code with POST /api/v1/requests/{id}/verification/resend.",
    "code_used": "Ask for a new code with POST /api/v1/requests/{id}/verification/resend.",
    "proof_needed": "Sign in, or ask for a new code and confirm it: its token is fresh enough.",
}


class BadRequest(Exception):
    """The HTTP request itself cannot be read; `fields` names what and why."""

    def __init__(
        self, code: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST, fields: list[dict[str, str]] | None = None
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.fields = fields


def from_validation(error: ValidationError) -> BadRequest:
    """Name our fields that failed and why, never their values, nor the name of a field that is not ours."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    places = [(one["loc"][:-1] if one["type"] == "extra_forbidden" else one["loc"], one["type"]) for one in found[:20]]
    fields = [{"field": ".".join(map(str, place)) or "body", "reason": reason} for place, reason in places]
    return BadRequest("invalid_input", fields=fields)


def described(error: Exception) -> tuple[HTTPStatus, dict[str, Any], dict[str, str]]:
    """Return status, members and headers of the problem that an error is; 500 for one nobody expected."""
    if isinstance(error, BadRequest):
        return error.status, _members(error.status, error.code, errors=error.fields), {}
    if isinstance(error, errors.InvalidInput):
        fields = [{"field": error.field, "reason": error.reason}]
        return HTTPStatus.BAD_REQUEST, _members(HTTPStatus.BAD_REQUEST, "invalid_input", errors=fields), {}
    status = next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), HTTPStatus.INTERNAL_SERVER_ERROR)
    code = next((_CODES[kind] for kind in type(error).__mro__ if kind in _CODES), getattr(error, "code", "internal"))
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        code = "internal"
    members = _members(status, code, triesLeft=getattr(error, "tries_left", None))
    headers = {}
    if isinstance(error, errors.NotSignedIn):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, errors.TooMany):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, errors.Transient | errors.StaleState):
        headers["Retry-After"] = "5"
    return status, members, headers


def problem(error: Exception, invocation_id: str) -> func.HttpResponse:
    """Return an error as `application/problem+json`."""
    status, members, headers = described(error)
    return func.HttpResponse(
        json.dumps(members | {"instance": f"urn:uuid:{invocation_id}"}),
        status_code=int(status),
        headers=headers,
        mimetype="application/problem+json",
    )


def _members(status: HTTPStatus, code: str, **more: Any) -> dict[str, Any]:
    told = {"type": "about:blank", "title": status.phrase, "status": int(status), "code": code}
    if code in _DETAILS:
        told["detail"] = _DETAILS[code]
    return told | {name: value for name, value in more.items() if value is not None}
