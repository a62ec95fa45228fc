"""What the routes around limits on processing and consents take and answer."""

from pydantic import BaseModel

from functions import _measure_views as views
from functions._openapi_route import BODY, Route, Schema
from shared.messages import inputs

MODELS: tuple[type[BaseModel], ...] = (
    views.LookUpAnswer,
    views.LiftingView,
    views.ConsentList,
    inputs.LookUp,
    inputs.LiftMeasure,
)
_ID, _TENANT = "6f1d7c1e-6a0b-4f3b-9d55-0a1b2c3d4e5f", "72f988bf-86f1-41af-91ab-2d7cd011db47"
EXAMPLES: dict[str, Schema] = {
    "LookUp": {
        "items": [
            {"dataset": "app-telemetry", "kind": "entra_object_id", "value": _ID, "tenant": _TENANT},
        ]
    },
    "LookUpAnswer": {
        "items": [
            {
                "dataset": "app-telemetry",
                "handle": f"k1.{'9a' * 32}",
                "version": 2,
                "restricted": False,
                "objections": ["design"],
                "withdrawals": [],
                "recipients": [],
                "maxAgeSeconds": 300,
            }
        ]
    },
    "LiftMeasure": {"text": "The address on record was checked against your letter, and is right."},
    "LiftingView": {"id": _ID, "liftsAt": "2026-11-26T09:30:00Z"},
    "ConsentList": {
        "consents": [
            {
                "recordId": f"{_ID}.0.newsletter",
                "purpose": "newsletter",
                "eventType": "user",
                "eventState": "ConsentWithdrawn",
                "eventTime": "2026-11-23T09:30:00Z",
                "requestId": _ID,
            }
        ]
    },
}
MEASURES = (
    Route(
        "consent_list",
        "get",
        "/v1/consents",
        "requests",
        "One's own record of consent, line by line.",
        "person",
        "api",
        {200: "ConsentList"},
        (404, 410),
    ),
    Route(
        "measure_lift",
        "delete",
        "/v1/requests/{request_id}/measure",
        "requests",
        "End one's own restriction or objection, at once.",
        "person",
        "api",
        {200: "Receipt"},
        (403, 404, 409, 410),
    ),
    Route(
        "processing_lookup",
        "post",
        "/v1/processing/lookup",
        "services",
        "Ask what may be done with one's own records of up to 100 people. No answer means: do not process.",
        "service",
        "api",
        {200: "LookUpAnswer"},
        (*BODY, 403, 429),
        body="LookUp",
    ),
    Route(
        "ops_lift",
        "post",
        "/v1/ops/requests/{request_id}/lift",
        "operations",
        "Announce that the limits of a request end, and why; they end some days after their person was told.",
        "operator",
        "api",
        {202: "LiftingView"},
        (*BODY, 403, 404, 409, 410),
        body="LiftMeasure",
    ),
)
