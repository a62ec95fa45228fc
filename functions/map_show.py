"""GET /api/v1/data-map: what Spinpanel holds of people, why, for how long, and what each right does to it."""

from http import HTTPStatus

import azure.functions as func

from functions._http import answer, empty, guarded, html, language_of, wants_page
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("map_show")
@bp.route(route="v1/data-map", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("anyone", page=True)
async def map_show(req: func.HttpRequest, _: Caller) -> func.HttpResponse:
    """Return the public part of the data map, as a page to browsers; unchanged it is not sent again."""
    from functions._map_views import DataMapView

    data_map, page, language = services().maps.current(), wants_page(req), language_of(req)
    tag = f'"{data_map.version}{f"-{language}" if page else ""}"'
    if tag in req.headers.get("If-None-Match", ""):
        response = empty(HTTPStatus.NOT_MODIFIED)
    else:
        view = DataMapView.of(data_map)
        response = html("data_map", language, view.in_language(language)) if page else answer(view)
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Vary"] = "Accept, Accept-Language"
    response.headers["ETag"] = tag
    return response
