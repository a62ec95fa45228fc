"""A request's page for its person."""

import azure.functions as func

from functions._http import html, language_of, see_other
from shared.domain.errors import NotFound, NotSignedIn
from shared.domain.request import ANSWERED, RequestId
from shared.use_cases.caller import Caller
from shared.wiring import services


async def status_page(
    req: func.HttpRequest, caller: Caller, request_id: RequestId, errors: dict[str, str] | None = None
) -> func.HttpResponse:
    """Show one's own request, or lead on to proving that it is."""
    try:
        case = await services().owning.case(caller, request_id)
    except (NotSignedIn, NotFound):
        return see_other(f"/api/privacy/{request_id}/verify")
    request, data_map = case.request.row, services().maps.current()
    language = language_of(req, req.params.get("language") or request.language)
    export = request.export if request.export is not None and request.export.size is not None else None
    alive = export is not None and export.deleted_at is None and request.state in ANSWERED
    shown = {
        "id": request.id,
        "state": request.state.public,
        "reason": request.reason,
        "received_at": request.received_at,
        "due_at": request.due_at,
        "parts": [{"right": part.right, "state": part.state.public} for part in request.parts],
        "services": [
            {"title": service.title.in_language(language), "state": task.row.state.value}
            for task in case.tasks.values()
            for service in data_map.services
            if service.id == task.row.service
        ],
        "export": {
            "id": export.id,
            "expires_at": export.expires_at,
            "size": export.size,
            "downloads": export.downloads,
            "revoked": export.revoked_at is not None,
        }
        if export is not None and alive
        else None,
        "can_withdraw": not request.state.is_final,
        "can_renew_link": alive,
        "attention": bool(request.attention),
    }
    return html("status", language, {"request": shown, "errors": errors or {}}, status=422 if errors else 200)
