"""The OpenAPI 3.1 document of this API, from its routes and models. Imported by the one route that serves it."""

import re
from functools import cache
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from functions import _erasure_views as erasure_views
from functions import _notice_views as notice_views
from functions import _review_views as review_views
from functions import _task_views as task_views
from functions import _views as views
from functions._http import COOKIE
from functions._openapi_decisions import DECISION_MODELS
from functions._openapi_guarding import GUARDING_EXAMPLES, GUARDING_MODELS
from functions._openapi_measures import EXAMPLES as MEASURE_EXAMPLES
from functions._openapi_measures import MODELS as MEASURE_MODELS
from functions._openapi_parts import PARAMETERS, PATHS, PROBLEM
from functions._openapi_profile import PROFILE_EXAMPLES, PROFILE_MODELS
from functions._openapi_public import PUBLIC_MODELS
from functions._openapi_route import Route, Schema
from functions._openapi_routes import ROUTES
from functions._openapi_tenants import EXAMPLES as TENANT_EXAMPLES
from functions._openapi_tenants import MODELS as TENANT_MODELS
from shared.messages import inputs, review_inputs

_ID, _EXPORT_ID = "6f1d7c1e-6a0b-4f3b-9d55-0a1b2c3d4e5f", "0b5f2f3a-1c2d-4e5f-8a9b-1234567890ab"
_RECEIVED, _DUE = "2026-11-23T09:30:00Z", "2026-12-23T22:59:59Z"
_EVERYWHERE = (500, 503)
_LOCATING = frozenset(
    {"request_submit", "profile_update", "ops_record", "tenant_disclose"}
)  # say where what they made is
_MODELS: tuple[type[BaseModel], ...] = (
    views.Receipt,
    views.RequestView,
    views.RequestList,
    views.ExportView,
    views.AccessToken,
    views.OperatorList,
    views.OperatorDetail,
    views.Health,
    *DECISION_MODELS,
    erasure_views.PlanView,
    erasure_views.OperatorTask,
    erasure_views.BrakeList,
    task_views.TaskClaim,
    *PUBLIC_MODELS,
    notice_views.NoticePreviews,
    review_views.ReviewList,
    review_views.ReviewView,
    review_views.ReviewItems,
    review_inputs.ReviewDecisions,
    inputs.SubmitRequest,
    inputs.GiveCode,
    inputs.Approve,
    inputs.CloseTask,
    inputs.OpenExport,
    inputs.TaskOutcome,
    *MEASURE_MODELS,
    *GUARDING_MODELS,
    *PROFILE_MODELS,
    *TENANT_MODELS,
)
_PARTS = [{"right": "access", "status": "in_progress"}]
_RECEIPT = {"id": _ID, "status": "in_progress", "receivedAt": _RECEIVED, "dueAt": _DUE, "parts": _PARTS}
_TASK_ID = f"{_ID}.erase1-0.0.support"
_PACKAGE = {
    "id": _EXPORT_ID,
    "kind": "package",
    "status": "available",
    "size": 48213,
    "expiresAt": "2026-11-30T09:31:00Z",
    "downloads": 0,
}
_OVERSEEN = _RECEIPT | {"language": "nl", "channel": "page", "signedIn": False, "attention": []}
_REVIEW = {
    "id": _ID,
    "dueAt": _DUE,
    "until": "2026-12-18T22:59:59Z",
    "datasets": [{"id": "support-tickets", "service": "support", "items": 12, "unreviewed": 3}],
}
_EXAMPLES: dict[str, Schema] = {
    "Receipt": _RECEIPT,
    "RequestView": _RECEIPT
    | {
        "role": "controller",
        "linked": [],
        "language": "nl",
        "services": [{"id": "support", "work": "export", "status": "pending"}],
    },
    "RequestList": {"requests": [_RECEIPT]},
    "ExportView": _PACKAGE,
    "AccessToken": {"accessToken": f"s1.{_ID}.1795426200.1795429800.(64 hexadecimal digits)", "expiresAt": _DUE},
    "OperatorList": {"requests": [_OVERSEEN], "cursor": "2026-12-23T22:59:59.000000Z|(id)"},
    "OperatorDetail": _OVERSEEN
    | {
        "tasks": [
            {
                "id": "support",
                "work": "erase",
                "status": "manual",
                "reason": "time_limit",
                "taskId": _TASK_ID,
                "part": 0,
                "dueAt": _DUE,
            }
        ],
        "waitsFor": ["assemble_export:0"],
        "history": [
            {"number": 1, "event": "submitted", "at": _RECEIVED, "status": "identity_pending", "hash": "0f" * 32}
        ],
    },
    "Health": {"status": "ok"},
    "PlanView": {
        "hash": "3c" * 32,
        "dataMapVersion": "2026-11-01+0f3a5c7e9b1d",
        "coolingOffUntil": "2026-11-26T09:31:00Z",
        "approved": False,
        "decisions": [
            {
                "part": 0,
                "service": "billing",
                "dataset": "invoices",
                "action": "retain",
                "count": 3,
                "exemption": "17-3-b",
                "until": "2033-12-31",
                "recipients": [],
            }
        ],
    },
    "OperatorTask": {"taskId": _TASK_ID, "status": "done", "reason": "time_limit", "closedBy": _EXPORT_ID},
    "BrakeList": {"brakes": [{"id": "own", "since": _RECEIVED}]},
    "ReviewView": _REVIEW,
    "ReviewList": {"reviews": [_REVIEW]},
    "ReviewItems": {
        "id": _ID,
        "dataset": "support-tickets",
        "service": "support",
        "person": [{"kind": "email", "value": "somebody@example.org"}],
        "items": [{"id": "0.0", "record": {"from": "somebody@example.org", "body": "Somebody else said so."}}],
        "cursor": "0.1",
    },
    "ReviewDecisions": {
        "decisions": [
            {"item": "0.0", "decision": "redact", "ground": "rights_of_others", "withhold": ["body"]},
            {"dataset": "support-tickets", "decision": "include"},
        ]
    },
    "NoticePreviews": {
        "notice": "reminder",
        "language": "en",
        "previews": [
            {
                "name": "reminder",
                "subject": "Your copy is waiting for you",
                "text": "Your copy is waiting for you\n",
                "html": "<!doctype html>",
            }
        ],
    },
    "Approve": {"planHash": "3c" * 32},
    "CloseTask": {
        "outcome": "erased",
        "counts": {"support-tickets": 2},
        "evidence": "Deleted by hand in the ticket system; its audit log shows both deletions.",
    },
    "SubmitRequest": {"rights": ["access"], "email": "somebody@example.org", "language": "nl"},
    "GiveCode": {"code": "7K2M-9QXA"},
    "OpenExport": {"secret": "4T7WN2CPX9KD"},
    "TaskClaim": {
        "taskId": _TASK_ID,
        "work": "erase",
        "mayProceed": True,
        "answerBy": _DUE,
        "receivedAt": _RECEIVED,
        "datasets": [
            {
                "id": "app-telemetry",
                "action": "delete",
                "atMost": 104,
                "identifiers": [{"kind": "entra_object_id", "value": _EXPORT_ID, "tenant": _ID}],
            }
        ],
    },
    "TaskOutcome": {
        "status": "done",
        "datasets": [{"id": "subscribers", "count": 2, "remaining": 0, "method": "row deleted"}],
    },
}
_EXAMPLES |= MEASURE_EXAMPLES | PROFILE_EXAMPLES | GUARDING_EXAMPLES | TENANT_EXAMPLES


@cache
def document() -> dict[str, Any]:
    """Return the document; built once, not to be changed."""
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Spinpanel privacy rights",
            "version": "1",
            "description": "Ask for the personal data Spinpanel holds about you, see where the request is, get the "
            "package. Times are ISO 8601 with offset. Ids are GUIDs.",
        },
        "servers": [{"url": "/api"}],
        "tags": [
            {"name": name}
            for name in (
                "requests",
                "identity",
                "exports",
                "services",
                "tenants",
                "operations",
                "pages",
                "service",
            )
        ],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "headers": _headers(),
            "securitySchemes": {
                "entra": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "Entra ID."},
                "session": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "From a confirmed code, for one request.",
                },
                "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "A session, in a browser."},
            },
        },
    }


def _operation(route: Route) -> Schema:
    told: Schema = {
        "operationId": route.name,
        "tags": [route.tag],
        "summary": route.summary,
        "security": _security(route),
        "responses": _responses(route),
    }
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": PATHS.get(name, {"type": "string", "format": "uuid"})}
        for name in re.findall(r"\{(\w+)\}", route.path)
    ] + [{"name": name, **PARAMETERS[name]} for name in route.takes]
    if parameters:
        told["parameters"] = parameters
    content: Schema = {}
    if route.body is not None:
        content["application/json"] = {"schema": _reference(route.body)}
    if route.form is not None:
        fields = {name: {"type": "string", "description": words} for name, words in route.form.items()}
        content["application/x-www-form-urlencoded"] = {"schema": {"type": "object", "properties": fields}}
    if content:
        told["requestBody"] = {"required": True, "content": content}
    return told


def _security(route: Route) -> list[dict[str, list[str]]]:
    if route.access in {"operator", "service", "reviewer", "decider", "tenant"}:
        return [{"entra": []}]
    schemes: list[dict[str, list[str]]] = [{"entra": []}, {"session": []}]
    if route.kind != "api":
        schemes.append({"cookie": []})
    return schemes if route.access == "person" else [{}, *schemes]


def _responses(route: Route) -> dict[str, Schema]:
    told: dict[int, Schema] = {
        status: {
            "description": HTTPStatus(status).phrase,
            "headers": {"Cache-Control": {"$ref": "#/components/headers/Cache-Control"}},
        }
        for status in sorted({*route.answers, *route.problems, 401, *_EVERYWHERE})
    }
    for status, response in told.items():
        answers = _content(route, route.answers[status]) if status in route.answers else {}
        if status in {*route.problems, 401, *_EVERYWHERE}:
            answers |= {"application/problem+json": {"schema": _reference("Problem")}}
            if route.kind != "api":
                answers |= {"text/html": {"schema": {"type": "string"}}}
        if answers:
            response["content"] = answers
        for name in _headers_of(route, status):
            response["headers"][name] = {"$ref": f"#/components/headers/{name}"}
    return {str(status): response for status, response in told.items()}


def _content(route: Route, answered: str) -> Schema:
    if not answered:
        return {}
    page = {"text/html": {"schema": {"type": "string"}}}
    if answered == "page":
        return page
    schema = {"type": "object"} if answered == "any" else _reference(answered)
    if route.name == "record_show":
        return {"application/json": {"schema": schema}, "text/csv": {"schema": {"type": "string"}}}
    return {"application/json": {"schema": schema}} | (page if route.kind == "both" else {})


def _headers_of(route: Route, status: int) -> list[str]:
    if status == HTTPStatus.SEE_OTHER or (status == HTTPStatus.ACCEPTED and route.name in _LOCATING):
        return ["Location"]
    if status in {HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        return ["Retry-After"]
    if route.name == "record_show" and status == HTTPStatus.OK:
        return ["Content-Disposition"]
    if route.name == "map_show" and status in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}:
        return ["ETag", "Vary"]
    if route.name in {"ops_tenant", "ops_tenant_put"} and status == HTTPStatus.OK:
        return ["ETag"]
    return ["WWW-Authenticate"] if status == HTTPStatus.UNAUTHORIZED else []


def _headers() -> Schema:
    return {
        "Location": {"description": "Where to go on.", "schema": {"type": "string", "format": "uri-reference"}},
        "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}},
        "WWW-Authenticate": {"description": "How to prove who is asking.", "schema": {"type": "string"}},
        "Content-Disposition": {"description": "The name of a CSV.", "schema": {"type": "string"}},
        "ETag": {"description": "What `If-None-Match` and `If-Match` name.", "schema": {"type": "string"}},
        "Vary": {"description": "What the answer depends on.", "schema": {"type": "string"}},
        "Cache-Control": {"description": "Nothing of a person is kept by caches.", "schema": {"type": "string"}},
    }


def _schemas() -> Schema:
    _, told = models_json_schema(
        [(model, "validation") for model in _MODELS], ref_template="#/components/schemas/{model}"
    )
    schemas: Schema = {"Problem": PROBLEM}
    for name, schema in told["$defs"].items():
        schemas[name] = _without_null(schema) | ({"example": _EXAMPLES[name]} if name in _EXAMPLES else {})
    for model in _MODELS:
        if issubclass(model, views.Output):
            schemas[model.__name__]["additionalProperties"] = False
    return schemas


def _without_null(schema: Any) -> Any:
    """Leave out `null`: what is not there is left out of answers, and may be left out of calls."""
    if isinstance(schema, list):
        return [_without_null(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    told = {key: _without_null(value) for key, value in schema.items() if not (key == "default" and value is None)}
    either = told.get("anyOf")
    if isinstance(either, list) and {"type": "null"} in either:
        kept = [one for one in either if one != {"type": "null"}]
        del told["anyOf"]
        return (kept[0] if len(kept) == 1 else {"anyOf": kept}) | told
    return told


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
