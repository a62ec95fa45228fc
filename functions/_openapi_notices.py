"""What the routes take and answer on which mails are previewed, and pages answer what a mail asked or told."""

from functions._openapi_route import Route

_PAGE = "/privacy/{request_id}"
_FORM = (400, 403, 413, 415)

NOTICES = (
    Route(
        "page_clarify",
        "post",
        f"{_PAGE}/clarification",
        "pages",
        "Answer the question that was asked about one's request.",
        "person",
        "page",
        {303: "", 422: "page"},
        (*_FORM, 404, 409),
        form={"answer": "In one's own words."},
    ),
    Route(
        "page_lift",
        "post",
        f"{_PAGE}/lift",
        "pages",
        "End one's own restriction or objection.",
        "person",
        "page",
        {303: "", 422: "page"},
        (*_FORM, 404, 409, 410),
        form={"sure": "`yes`."},
    ),
    Route(
        "notice_preview",
        "get",
        "/v1/ops/notices/{notice}",
        "operations",
        "How a mail reads in every form it takes, with invented values.",
        "operator",
        "api",
        {200: "NoticePreviews"},
        (403, 404),
        takes=("language", "Accept-Language"),
    ),
)
