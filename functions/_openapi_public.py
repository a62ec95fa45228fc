"""What the routes answer that tell everybody, and the authority, what is done with personal data."""

from pydantic import BaseModel

from functions import _map_views as map_views
from functions._openapi_route import Route
from shared.domain.processing_record import ProcessingRecord

PUBLIC_MODELS: tuple[type[BaseModel], ...] = (map_views.DataMapView, ProcessingRecord)
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
    Route(
        "record_show",
        "get",
        "/v1/ops/processing-record",
        "operations",
        "The record of processing activities (GDPR Art. 30), as controller or as processor; as CSV where that is "
        "accepted.",
        "operator",
        "api",
        {200: "ProcessingRecord"},
        (400, 403),
        takes=("role", "Accept-Language", "language"),
    ),
)
