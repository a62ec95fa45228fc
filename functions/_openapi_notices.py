"""What the routes of mails take and answer."""

from functions._openapi_route import Route

NOTICES = (
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
