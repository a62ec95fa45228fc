"""What the routes of customers' administrators take and answer, and those about customers for operators."""

from pydantic import BaseModel

from functions import _tenant_views as views
from functions._openapi_route import BODY, Route, Schema
from shared.messages import tenant_inputs as inputs

_TENANT = "/v1/tenants/{tenant_id}"
_CASE = f"{_TENANT}/requests/{{request_id}}"
_ID, _ALSO = "6f1d7c1e-6a0b-4f3b-9d55-0a1b2c3d4e5f", "0b5f2f3a-1c2d-4e5f-8a9b-1234567890ab"
_RECEIVED, _DUE = "2026-11-23T09:30:00Z", "2026-12-23T22:59:59Z"

TENANTS = (
    Route(
        "tenant_requests",
        "get",
        f"{_TENANT}/requests",
        "tenants",
        "A customer's cases, for its administrators, delegated administrators and partner.",
        "tenant",
        "api",
        {200: "CaseList"},
        (400, 403, 404),
        takes=("open", "limit", "cursor"),
    ),
    Route(
        "tenant_request",
        "get",
        _CASE,
        "tenants",
        "One case: which right, of which user, about which datasets; never the person's own words.",
        "tenant",
        "api",
        {200: "CaseDetail"},
        (403, 404, 410),
        takes=("language", "Accept-Language"),
    ),
    Route(
        "tenant_decide",
        "post",
        f"{_CASE}/decision",
        "tenants",
        "Grant or refuse as the controller. Nobody decides a case about themselves, or one they opened.",
        "tenant",
        "api",
        {202: "CaseSummary"},
        (*BODY, 403, 404, 409, 410),
        body="DecideCase",
    ),
    Route(
        "tenant_comment",
        "post",
        f"{_CASE}/comments",
        "tenants",
        "Comment on a case, for those who work on it.",
        "tenant",
        "api",
        {201: "CaseDetail"},
        (*BODY, 403, 404, 409, 410),
        body="CommentOnCase",
        takes=("language", "Accept-Language"),
    ),
    Route(
        "tenant_statistics",
        "get",
        f"{_TENANT}/statistics",
        "tenants",
        "How a customer's cases ended, by right; small counts are left out.",
        "tenant",
        "api",
        {200: "StatisticsView"},
        (403, 404),
    ),
    Route(
        "tenant_disclose",
        "post",
        f"{_TENANT}/disclosures",
        "tenants",
        "Receive a user's data as its controller, where the terms allow it; the user can see that it happened.",
        "tenant",
        "api",
        {202: "CaseSummary"},
        (*BODY, 403, 404, 409),
        body="Disclose",
    ),
    Route(
        "tenant_self_service",
        "put",
        f"{_TENANT}/self-service",
        "tenants",
        "Say what one's users may not start by themselves; no right is among it.",
        "tenant",
        "api",
        {200: "SelfServiceView"},
        (*BODY, 403, 404, 409),
        body="PutSelfService",
    ),
    Route(
        "ops_tenant",
        "get",
        "/v1/ops/tenants/{tenant_id}",
        "operations",
        "A customer's terms, contacts and delegations.",
        "operator",
        "api",
        {200: "TenantView"},
        (403, 404),
    ),
    Route(
        "ops_tenant_put",
        "put",
        "/v1/ops/tenants/{tenant_id}",
        "operations",
        "Write a customer's record, new or as a change of what was read; terms that differ become the next version.",
        "operator",
        "api",
        {200: "TenantView"},
        (*BODY, 403, 404, 409),
        body="PutTenant",
        takes=("If-Match",),
    ),
)
MODELS: tuple[type[BaseModel], ...] = (
    views.CaseSummary,
    views.CaseList,
    views.CaseDetail,
    views.StatisticsView,
    views.SelfServiceView,
    views.TenantView,
    inputs.DecideCase,
    inputs.CommentOnCase,
    inputs.PutSelfService,
    inputs.PutTenant,
    inputs.Disclose,
)
_SUMMARY: Schema = {
    "id": _ID,
    "status": "forwarded",
    "receivedAt": _RECEIVED,
    "dueAt": _DUE,
    "decidable": True,
    "disclosure": False,
    "parts": [{"right": "erasure", "status": "forwarded"}],
}
EXAMPLES: dict[str, Schema] = {
    "CaseSummary": _SUMMARY,
    "CaseList": {"cases": [_SUMMARY]},
    "CaseDetail": _SUMMARY
    | {
        "identifiers": [{"kind": "entra_object_id", "value": _ALSO}],
        "datasets": [{"id": "licences", "title": "Assigned licences"}],
        "comments": [{"by": f"{_ALSO}/{_ID}", "at": _RECEIVED, "text": "Asked our works council."}],
        "decisions": [],
    },
    "StatisticsView": {
        "least": 5,
        "rights": [{"right": "access", "total": 12, "outcomes": [{"outcome": "completed", "count": 12}]}],
    },
    "SelfServiceView": {"restricted": ["profile"]},
    "TenantView": {
        "id": _ALSO,
        "name": "Noordzee Logistiek B.V.",
        "language": "nl",
        "contacts": ["privacy@noordzee.example"],
        "others": [],
        "terms": [
            {
                "version": 1,
                "since": _RECEIVED,
                "mayNameController": True,
                "mayDisclose": False,
                "answers": ["access", "erasure"],
            }
        ],
        "delegations": [],
        "selfService": [],
    },
    "DecideCase": {"outcome": "refused", "ground": "rights_of_others", "text": "The mailbox is shared with others."},
    "CommentOnCase": {"text": "Asked our works council."},
    "Disclose": {"objectId": _ALSO, "reason": "Article 28(3)(e) of the processing agreement, case 2026-17."},
    "PutSelfService": {"restricted": ["profile"]},
    "PutTenant": {
        "name": "Noordzee Logistiek B.V.",
        "language": "nl",
        "contacts": ["privacy@noordzee.example"],
        "terms": {"mayNameController": True, "answers": ["access", "erasure"]},
    },
}
