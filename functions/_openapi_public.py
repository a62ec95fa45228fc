"""What the routes answer that tell everybody, and the authority, what is done with personal data."""

from functions._openapi_route import Route

PUBLIC = (
    Route(
        "map_show",
        "get",
        "/v1/data-map",
        "service",
        "What Spinpanel holds of people, why, for how long, and what each right does to it; a page to browsers.",
        "anyone",
        "both",
        {200: "DataMapView", 304: ""},
        takes=("If-None-Match", "Accept-Language", "language"),
    ),
)
