"""The page of a package: what it is, and the form that opens it without scripts as well as with them."""

import azure.functions as func

from functions._http import form, html, language_of, see_other
from functions._views import ExportView
from shared.domain.errors import CodeRejected, Conflict, Gone, NotFound, ProofNeeded
from shared.domain.request import Export, ExportId, Request
from shared.use_cases.caller import Caller
from shared.wiring import services


def export_page(
    req: func.HttpRequest,
    caller: Caller,
    request: Request,
    export: Export,
    *,
    errors: dict[str, str] | None = None,
    secret: str = "",
    proof_asked: bool = False,
    session: str | None = None,
    sent: bool = False,
) -> func.HttpResponse:
    """Show a package's page; 410 once it is gone, 422 with the fields in question."""
    view = ExportView.of(export, services().clock())
    if view is None:
        raise NotFound
    proof = "given" if services().deliver_export.is_proven(caller, request) else "none"
    values = {
        "export": {
            "id": view.id,
            "kind": export.kind,
            "state": view.status,
            "expires_at": view.expires_at,
            "size": view.size,
            "received_at": request.received_at,
        },
        "proof": "needed" if proof_asked and proof == "none" else proof,
        "errors": errors or {},
        "secret": secret,
        "asks_secret": services().deliver_export.asks_secret(request),
        "sent": sent,
    }
    status = 410 if view.status != "available" else 422 if errors else 200
    language = language_of(req, req.params.get("language") or request.language)
    return html("export", language, values, status=status, session=session)


async def open_by_form(req: func.HttpRequest, caller: Caller, export_id: ExportId) -> func.HttpResponse:
    """Open a package from its page's form; asks for a fresh code where one is needed."""
    fields = form(req)
    secret, code = fields.get("secret", ""), fields.get("code", "").strip()
    deliver, gives_code = services().deliver_export, bool(code) and fields.get("action") != "send_code"
    request, export = await deliver.look(export_id)
    session: str | None = None
    errors: dict[str, str] = {}
    sent = False
    try:
        if gives_code:
            session, _ = await services().confirm_identity(request.id, code)
            caller = await services().identify(session, caller.network, lenient=False)
        url = await deliver.open(caller, export_id, secret)
        return see_other(url, session=session)
    except ProofNeeded:
        if fields.get("action") == "send_code" and request.verification is not None:
            services().admit(caller)
            await services().resend_code(request.id)
            sent = True
    except CodeRejected:
        errors = {"code" if gives_code and session is None else "secret": "rejected"}
    except Gone as gone:
        if gives_code and session is None:
            errors = {"code": gone.code}
        elif gone.code == "tries_spent":
            errors = {"secret": gone.code}
    except Conflict as conflict:
        errors = {"code": conflict.code}
    request, export = await deliver.look(export_id)
    return export_page(
        req, caller, request, export, errors=errors, secret=secret, proof_asked=True, session=session, sent=sent
    )
