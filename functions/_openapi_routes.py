"""What every HTTP route takes and answers, as a table; the order is the one people read them in."""

from typing import Any, Literal, NamedTuple

from functions._http import Access

type Schema = dict[str, Any]


class Route(NamedTuple):
    """One operation. `page` routes talk to browsers, `both` to browsers and programs.

    `answers` gives status and the name of the model answered: `""` for no body, `page` for HTML, `any` for free JSON;
    `problems` the statuses answered as problem details beside those that every route has.
    """

    name: str
    method: Literal["get", "post", "delete"]
    path: str
    tag: str
    summary: str
    access: Access
    kind: Literal["api", "page", "both"]
    answers: dict[int, str]
    problems: tuple[int, ...] = ()
    body: str | None = None
    form: dict[str, str] | None = None
    takes: tuple[str, ...] = ()


_REQUEST, _EXPORT, _PAGE = "/v1/requests/{request_id}", "/v1/exports/{export_id}", "/privacy/{request_id}"
_BODY = (400, 413, 415)
_FORM = (400, 403, 413, 415)
_CODE = (*_BODY, 403, 404, 409, 410)

ROUTES = (
    Route(
        "request_submit",
        "post",
        "/v1/requests",
        "requests",
        "Ask for one's personal data. The answer is the same for an address we know and one we do not.",
        "anyone",
        "api",
        {202: "Receipt"},
        (*_BODY, 409, 422, 429),
        body="SubmitRequest",
        takes=("Idempotency-Key", "Accept-Language", "language"),
    ),
    Route(
        "request_list", "get", "/v1/requests", "requests", "One's own requests.", "person", "api", {200: "RequestList"}
    ),
    Route(
        "request_show",
        "get",
        _REQUEST,
        "requests",
        "Where one's own request is.",
        "person",
        "api",
        {200: "RequestView"},
        (404,),
    ),
    Route(
        "request_withdraw",
        "delete",
        _REQUEST,
        "requests",
        "Withdraw one's own request.",
        "person",
        "api",
        {200: "Receipt"},
        (404, 409),
    ),
    Route(
        "link_renew",
        "post",
        f"{_REQUEST}/link",
        "requests",
        "Mail a fresh link to one's own package; older links are void.",
        "person",
        "api",
        {202: "Receipt"},
        (404, 409, 410),
    ),
    Route(
        "identity_confirm",
        "post",
        f"{_REQUEST}/verification",
        "identity",
        "Prove an address by the code mailed to it; answers with a token for this request.",
        "anyone",
        "api",
        {200: "AccessToken"},
        _CODE,
        body="GiveCode",
    ),
    Route(
        "identity_disown",
        "post",
        f"{_REQUEST}/verification/disown",
        "identity",
        "Say by the code that somebody else asked in one's name; ends the request.",
        "anyone",
        "api",
        {204: ""},
        _CODE,
        body="GiveCode",
    ),
    Route(
        "code_resend",
        "post",
        f"{_REQUEST}/verification/resend",
        "identity",
        "Ask for a new code, which voids the one before.",
        "anyone",
        "api",
        {202: "Receipt"},
        (404, 409, 429),
    ),
    Route(
        "export_show",
        "get",
        _EXPORT,
        "exports",
        "What a package is and until when; looking spends nothing.",
        "anyone",
        "both",
        {200: "ExportView"},
        (404, 410),
        takes=("language", "Accept-Language"),
    ),
    Route(
        "export_open",
        "post",
        _EXPORT,
        "exports",
        "Open a package by its link's secret and a fresh proof; leads to a URL that is good for minutes.",
        "anyone",
        "both",
        {200: "page", 303: "", 422: "page"},
        (*_FORM, 404, 409, 410, 429),
        body="OpenExport",
        form={"secret": "The link's secret.", "code": "A fresh code.", "action": "`send_code` asks for one."},
    ),
    Route(
        "export_revoke",
        "delete",
        _EXPORT,
        "exports",
        "Take a link back, as its person or as an operator.",
        "person",
        "api",
        {204: ""},
        (404, 409),
    ),
    Route(
        "ops_list",
        "get",
        "/v1/ops/requests",
        "operations",
        "Requests by due date.",
        "operator",
        "api",
        {200: "OperatorList"},
        (400, 403),
        takes=("due_after", "due_before", "limit", "cursor"),
    ),
    Route(
        "ops_show",
        "get",
        "/v1/ops/requests/{request_id}",
        "operations",
        "One request with its tasks and hash-chained history; never who it is about.",
        "operator",
        "api",
        {200: "OperatorDetail"},
        (403, 404),
    ),
    Route(
        "page_ask",
        "get",
        "/privacy",
        "pages",
        "The form to ask with.",
        "anyone",
        "page",
        {200: "page"},
        takes=("language", "Accept-Language"),
    ),
    Route(
        "page_asked",
        "post",
        "/privacy",
        "pages",
        "Take the form.",
        "anyone",
        "page",
        {200: "page", 422: "page"},
        (*_FORM, 409, 429),
        form={"email": "Where the code is mailed.", "right": "`access`.", "language": "`en` or `nl`."},
    ),
    Route(
        "page_status",
        "get",
        _PAGE,
        "pages",
        "Where one's own request is.",
        "anyone",
        "page",
        {200: "page", 303: ""},
        (404,),
        takes=("language", "Accept-Language"),
    ),
    Route(
        "page_verify",
        "get",
        f"{_PAGE}/verify",
        "pages",
        "The form for a code.",
        "anyone",
        "page",
        {200: "page"},
        (404,),
        takes=("language", "Accept-Language"),
    ),
    Route(
        "page_verified",
        "post",
        f"{_PAGE}/verify",
        "pages",
        "Confirm, disown, or ask for a new code.",
        "anyone",
        "page",
        {200: "page", 303: "", 422: "page"},
        (*_FORM, 404, 409, 429),
        form={"code": "The code, as typed.", "action": "`confirm`, `disown` or `resend`."},
    ),
    Route(
        "page_withdraw",
        "post",
        f"{_PAGE}/withdraw",
        "pages",
        "Withdraw one's own request.",
        "person",
        "page",
        {303: "", 422: "page"},
        (*_FORM, 404, 409),
        form={"sure": "`yes`."},
    ),
    Route(
        "page_link",
        "post",
        f"{_PAGE}/link",
        "pages",
        "Ask for a fresh link.",
        "person",
        "page",
        {303: ""},
        (*_FORM, 404, 409, 410),
        form={},
    ),
    Route(
        "sign_in_start",
        "get",
        "/privacy/sign-in",
        "pages",
        "Go and sign in with Entra ID.",
        "anyone",
        "page",
        {303: ""},
        (400, 404),
        takes=("language", "export"),
    ),
    Route(
        "sign_in_finish",
        "post",
        "/privacy/signed-in",
        "pages",
        "Come back from signing in.",
        "anyone",
        "page",
        {303: ""},
        (*_BODY, 404, 409, 429),
        form={"state": "As it was sent out.", "id_token": "From Entra ID."},
    ),
    Route(
        "health_show",
        "get",
        "/health",
        "service",
        "Alive; for operators also whether each dependency answers.",
        "anyone",
        "api",
        {200: "Health", 503: "Health"},
    ),
    Route(
        "openapi_show",
        "get",
        "/openapi.json",
        "service",
        "This document.",
        "anyone",
        "api",
        {200: "any"},
    ),
)
