"""The HTTP edge: who is asking, what they sent, and how answers and errors look."""

import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Any, Literal
from urllib.parse import parse_qs
from uuid import UUID

import azure.functions as func
from pydantic import BaseModel, ValidationError

from functions._problems import BadRequest, described, from_validation, problem
from functions._raised import told
from shared.domain.errors import NotFound, NotSignedIn
from shared.domain.request import Language, RequestId
from shared.telemetry import within_trace
from shared.use_cases.caller import Caller, require_administrator
from shared.wiring import services

log = logging.getLogger("privacy.http")

type Access = Literal["anyone", "person", "operator", "service", "reviewer", "decider", "tenant"]
type Endpoint = Callable[[func.HttpRequest, func.Context], Awaitable[func.HttpResponse]]
type Handler = Callable[[func.HttpRequest, Caller], Awaitable[func.HttpResponse]]

COOKIE, SIGN_IN_COOKIE = "privacy_session", "privacy_sign_in"
MOST_BYTES = 64 * 1024
_SECURITY = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def guarded(access: Access, *, page: bool = False) -> Callable[[Handler], Endpoint]:
    """State who may call a route, and answer every error.

    `anyone`: no proof is asked, one that is given must be valid. `person`: a session or a token of a person; whose
    data it opens is decided by the use case. `operator`: a token of the home tenant with `Privacy.Operator`.
    `reviewer`: a token of the home tenant with `Privacy.Reviewer`. `decider`: one with either of these roles.
    `tenant`: one with `Privacy.Admin` or `Privacy.Partner`; for which customer, its records say in the use case.
    `service`: a managed identity's token of the home tenant with `Privacy.Service`; its tasks alone open to it.
    With `page`, errors are pages for people and the session may come as a cookie.
    """

    def decorate(handler: Handler) -> Endpoint:
        async def endpoint(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
            started = time.monotonic()
            try:
                with within_trace(context.trace_context.trace_parent):
                    response = await handler(req, await _caller(req, access, page=page))
            except Exception as error:  # noqa: BLE001
                response = _answer(error, req, context.invocation_id, page=page)
                _log_failure(handler.__name__, error, response.status_code, context.invocation_id)
            milliseconds = round((time.monotonic() - started) * 1000)
            log.info("%s status=%d ms=%d", handler.__name__, response.status_code, milliseconds)
            return response

        # The worker reads the signature, so the wrapped one may not shine through: no functools.wraps.
        endpoint.__name__ = handler.__name__
        endpoint.__qualname__ = handler.__qualname__
        endpoint.__doc__ = handler.__doc__
        endpoint.__module__ = handler.__module__
        endpoint.access = access  # type: ignore[attr-defined]
        return endpoint

    return decorate


async def _caller(req: func.HttpRequest, access: Access, *, page: bool) -> Caller:
    scheme, _, token = req.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if token and scheme.lower() != "bearer":
        raise NotSignedIn
    from_cookie = page and not token
    if from_cookie:
        token = cookie(req, COOKIE)
    caller = await services().identify(token or None, _network(req), lenient=from_cookie)
    if access == "person" and caller.session is None and (caller.principal is None or caller.principal.app):
        raise NotSignedIn
    if access == "operator":
        services().require_operator(caller)
    if access == "service":
        services().require_service(caller)
    if access == "reviewer":
        services().require_reviewer(caller)
    if access == "decider":
        services().require_decider(caller)
    if access == "tenant":
        require_administrator(caller)
    return caller


def cookie(req: func.HttpRequest, wanted: str) -> str:
    """Return a cookie's value, or nothing."""
    pairs = (pair.strip().partition("=") for pair in req.headers.get("Cookie", "").split(";"))
    return next((value for name, _, value in pairs if name == wanted), "")


def _network(req: func.HttpRequest) -> str:
    """Return the address that the outermost proxy we trust saw: what stands left of it anybody may have written."""
    forwarded: str = req.headers.get("X-Forwarded-For", "")
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    trusted = services().settings.trusted_proxies
    if not trusted or len(hops) < trusted:
        return "unknown"
    hop = hops[-trusted]
    if hop.startswith("["):
        return _subscriber(hop[1:].partition("]")[0])
    return _subscriber(hop.partition(":")[0] if hop.count(":") == 1 else hop)


def _subscriber(address: str) -> str:
    """Return what one subscriber holds: an IPv4 address, or the 64 bits before the ones an IPv6 host chooses."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((found, 64), strict=False))


def _answer(error: Exception, req: func.HttpRequest, invocation_id: str, *, page: bool) -> func.HttpResponse:
    if not page or not wants_page(req):
        response = problem(error, invocation_id)
        response.headers.update(_SECURITY)
        return response
    status, members, headers = described(error)
    values = {"status": int(status), "title": members["title"], "detail": f"{members['code']} {invocation_id}"}
    response = html("error", language_of(req), values, status=int(status))
    for name, value in headers.items():
        response.headers[name] = value
    return response


def _log_failure(name: str, error: Exception, status: int, invocation_id: str) -> None:
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return
    log.error("%s failed error=%s invocation=%s", name, told(error), invocation_id)


def language_of(req: func.HttpRequest, chosen: str | None = None) -> Language:
    """Return the language to answer in: the choice, then `Accept-Language`, then English."""
    chosen = chosen or req.params.get("language")
    if chosen in {"en", "nl"}:
        return "nl" if chosen == "nl" else "en"
    best, weight = "en", 0.0
    for item in req.headers.get("Accept-Language", "").split(","):
        tag, _, quality = item.strip().partition(";q=")
        try:
            wanted = float(quality or 1)
        except ValueError:
            continue
        if tag.split("-")[0].lower() in {"en", "nl"} and wanted > weight:
            best, weight = tag.split("-")[0].lower(), wanted
    return "nl" if best == "nl" else "en"


def wants_page(req: func.HttpRequest) -> bool:
    """Tell whether a person's browser is asking rather than a program."""
    kind = req.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return kind == "application/x-www-form-urlencoded" or "text/html" in req.headers.get("Accept", "")


def body_as[M: BaseModel](model: type[M], req: func.HttpRequest) -> M:
    """Read a JSON body as a model.

    Raises:
        BadRequest: not JSON, too large, or not of this shape.
    """
    body = req.get_body()
    if len(body) > MOST_BYTES:
        raise BadRequest("body_too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    kind = req.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise BadRequest("json_expected", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise from_validation(error) from None


def form(req: func.HttpRequest) -> Mapping[str, str]:
    """Read a form post of our own pages.

    Raises:
        BadRequest: not a form, too large, or posted from somebody else's page.
    """
    _must_be_ours(req)
    return foreign_form(req)


def form_values(req: func.HttpRequest) -> Mapping[str, list[str]]:
    """Read a form post of our own pages whose fields may stand in it more than once.

    Raises:
        BadRequest: not a form, too large, or posted from somebody else's page.
    """
    _must_be_ours(req)
    return _fields(req, 200)


def _must_be_ours(req: func.HttpRequest) -> None:
    origin = req.headers.get("Origin")
    if origin is not None and origin != services().settings.public_url and origin != "null":
        raise BadRequest("foreign_origin", HTTPStatus.FORBIDDEN)
    if req.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise BadRequest("foreign_origin", HTTPStatus.FORBIDDEN)


def foreign_form(req: func.HttpRequest) -> Mapping[str, str]:
    """Read a form post from wherever: for Entra ID, whose tokens prove themselves.

    Raises:
        BadRequest: not a form, or too large.
    """
    return {name: values[-1] for name, values in _fields(req, 20).items()}


def _fields(req: func.HttpRequest, most: int) -> Mapping[str, list[str]]:
    body = req.get_body()
    if len(body) > MOST_BYTES:
        raise BadRequest("body_too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    kind = req.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise BadRequest("form_expected", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    try:
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=most)
    except ValueError:
        raise BadRequest("form_expected") from None


def guid(req: func.HttpRequest, name: str) -> str:
    """Return a route parameter in its one form.

    Raises:
        NotFound: it is no GUID.
    """
    try:
        return str(UUID(req.route_params[name]))
    except ValueError:  # The host's constraint also lets through forms in brackets.
        raise NotFound from None


def request_id(req: func.HttpRequest) -> RequestId:
    """Return the request that a route names."""
    return RequestId(guid(req, "request_id"))


def answer(model: BaseModel, status: HTTPStatus = HTTPStatus.OK, **headers: str) -> func.HttpResponse:
    """Return a model as JSON."""
    return func.HttpResponse(
        model.model_dump_json(by_alias=True, exclude_none=True),
        status_code=int(status),
        headers=_SECURITY | {name.replace("_", "-"): value for name, value in headers.items()},
        mimetype="application/json",
    )


def raw_json(value: object) -> func.HttpResponse:
    """Return a value as JSON that may be cached for a while: it is the same for everybody."""
    return func.HttpResponse(
        json.dumps(value),
        headers=_SECURITY | {"Cache-Control": "public, max-age=300"},
        mimetype="application/json",
    )


def sheet(text: str, name: str) -> func.HttpResponse:
    """Return CSV to be saved under a name."""
    headers = _SECURITY | {"Content-Disposition": f'attachment; filename="{name}"'}
    return func.HttpResponse(text, headers=headers, mimetype="text/csv", charset="utf-8")


def empty(status: HTTPStatus = HTTPStatus.NO_CONTENT) -> func.HttpResponse:
    """Return an answer without a body."""
    return func.HttpResponse(status_code=int(status), headers=dict(_SECURITY))


def html(
    name: str, language: Language, values: Mapping[str, Any], *, status: int = 200, session: str | None = None
) -> func.HttpResponse:
    """Return a page, and with `session` a cookie that only our own pages send back."""
    text = services().renderer.page(name, language, values)
    headers = _SECURITY | {
        "Content-Security-Policy": services().content_security_policy(),
        "Content-Language": language,
    }
    if session is not None:
        headers["Set-Cookie"] = _session_cookie(session)
    return func.HttpResponse(text, status_code=status, headers=headers, mimetype="text/html", charset="utf-8")


def see_other(location: str, *, session: str | None = None, sign_in: str | None = None) -> func.HttpResponse:
    """Send the browser on with a GET, with the cookie of a session, or of a sign-in that it began."""
    headers = _SECURITY | {"Location": location}
    if session is not None:
        headers["Set-Cookie"] = _session_cookie(session)
    if sign_in is not None:
        headers["Set-Cookie"] = _sign_in_cookie(sign_in)
    return func.HttpResponse(status_code=int(HTTPStatus.SEE_OTHER), headers=headers)


def _session_cookie(token: str) -> str:
    settings = services().settings
    secure = "; Secure" if settings.public_url.startswith("https:") else ""
    seconds = int(settings.session_for.total_seconds())
    return f"{COOKIE}={token}; Path=/api; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}"


def _sign_in_cookie(nonce: str) -> str:
    # The answer is posted from Entra ID's page: any other SameSite would keep the cookie back. Browsers take Secure
    # from a loopback address too.
    seconds = int(services().settings.fresh_proof_for.total_seconds())
    return f"{SIGN_IN_COOKIE}={nonce}; Path=/api/privacy/signed-in; HttpOnly; SameSite=None; Secure; Max-Age={seconds}"
