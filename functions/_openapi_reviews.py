"""What the routes of reviewers take and answer."""

from functions._openapi_route import BODY, Route

REVIEWS = (
    Route(
        "review_list",
        "get",
        "/v1/ops/reviews",
        "operations",
        "Copies that wait for a reviewer: datasets and counts, never who they are about.",
        "reviewer",
        "api",
        {200: "ReviewList"},
        (400, 403),
        takes=("limit", "cursor"),
    ),
    Route(
        "review_show",
        "get",
        "/v1/ops/reviews/{request_id}",
        "operations",
        "Items of a copy with their content, a page of one dataset; each look is a line of the request's history.",
        "reviewer",
        "api",
        {200: "ReviewItems"},
        (400, 403, 404, 409, 410),
        takes=("limit", "cursor"),
    ),
    Route(
        "review_decide",
        "post",
        "/v1/ops/reviews/{request_id}/decisions",
        "operations",
        "Include, exclude or redact items of a copy, or all of a dataset's that are left.",
        "reviewer",
        "api",
        {200: "ReviewView"},
        (*BODY, 403, 404, 409, 410, 422),
        body="ReviewDecisions",
    ),
)
