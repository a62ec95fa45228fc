"""What the routes around takeovers, lost accounts and representatives take and answer."""

from pydantic import BaseModel

from functions._guarding_views import Agreed, Stopped
from functions._openapi_route import BODY, Route, Schema
from shared.messages import inputs

_REQUEST, _OPS, _PAGE = "/v1/requests/{request_id}", "/v1/ops/requests/{request_id}", "/privacy/{request_id}"

GUARDING_MODELS: tuple[type[BaseModel], ...] = (
    Stopped,
    Agreed,
    inputs.NoteAccountEvent,
    inputs.StopRequest,
    inputs.VouchIdentity,
    inputs.CheckAuthority,
    inputs.ClearDoubt,
)
_ID = "6f1d7c1e-6a0b-4f3b-9d55-0a1b2c3d4e5f"
GUARDING_EXAMPLES: dict[str, Schema] = {
    "Stopped": {"id": _ID, "status": "stopped"},
    "Agreed": {"id": _ID, "status": "identity_pending", "waitsForSecond": True, "attention": ["identity_proposed"]},
    "NoteAccountEvent": {
        "tenant": _ID,
        "objectId": _ID,
        "happening": "address_changed",
        "at": "2026-11-23T09:30:00Z",
        "previousAddress": "before@example.org",
        "address": "somebody@example.org",
    },
    "StopRequest": {"secret": "4T7WN2CPX9KD"},
    "VouchIdentity": {
        "facts": ["invoice_number", "called_back_on_record"],
        "email": "somebody@example.org",
        "note": "Named the newest invoice when called back at the number of the agreement.",
    },
    "CheckAuthority": {
        "outcome": "checked",
        "evidence": "Saw the mandate that the person signed; it names privacy requests.",
        "deliverTo": "represented",
    },
    "ClearDoubt": {"reason": "Both mailboxes belong to the same person, who told us so by phone."},
}
GUARDING = (
    Route(
        "account_event_note",
        "post",
        "/v1/account-events",
        "services",
        "Tell of a password reset, a new way to sign in or a changed address, as the app.",
        "service",
        "api",
        {204: ""},
        (*BODY, 403),
        body="NoteAccountEvent",
    ),
    Route(
        "request_stop",
        "post",
        f"{_REQUEST}/stop",
        "requests",
        "Stop a request that was made in one's name, by the secret of its announcement.",
        "anyone",
        "api",
        {200: "Stopped"},
        (*BODY, 404, 409, 429),
        body="StopRequest",
    ),
    Route(
        "page_stop",
        "get",
        f"{_PAGE}/stop",
        "pages",
        "The form that stops a request made in one's name.",
        "anyone",
        "page",
        {200: "page"},
        (404,),
        takes=("language", "Accept-Language"),
    ),
    Route(
        "page_stopped",
        "post",
        f"{_PAGE}/stop",
        "pages",
        "Stop it.",
        "anyone",
        "page",
        {200: "page", 409: "page", 422: "page"},
        (400, 403, 404, 413, 415, 429),
        form={"secret": "The announcement's secret, as it came or was typed."},
    ),
    Route(
        "ops_vouch",
        "post",
        f"{_OPS}/identity",
        "operations",
        "Establish who asks by facts of an account, as one of two operators; never by an identity document.",
        "operator",
        "api",
        {200: "Agreed"},
        (*BODY, 403, 404, 409),
        body="VouchIdentity",
    ),
    Route(
        "ops_authority",
        "post",
        f"{_OPS}/authority",
        "operations",
        "Record by what authority a representative asks, or that there is none.",
        "operator",
        "api",
        {200: "Agreed"},
        (*BODY, 403, 404, 409),
        body="CheckAuthority",
    ),
    Route(
        "ops_doubt",
        "post",
        f"{_OPS}/doubt",
        "operations",
        "Let a request go on that was stopped, as one of two operators.",
        "operator",
        "api",
        {200: "Agreed"},
        (*BODY, 403, 404, 409),
        body="ClearDoubt",
    ),
)
