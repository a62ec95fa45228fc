"""Sources of small apps."""

HEAD = """
import asyncio, json, logging, os, time, typing
import azure.functions as func
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
"""

HTTP_APP = (
    HEAD
    + """
def told(req, name):
    return func.HttpResponse(
        json.dumps({
            "function": name, "method": req.method, "url": req.url, "headers": dict(req.headers),
            "params": dict(req.params), "route": dict(req.route_params), "length": len(req.get_body()),
        }),
        mimetype="application/json",
    )

@app.route(route="items/recent", methods=["GET"])
def recent_items(req: func.HttpRequest) -> func.HttpResponse:
    return told(req, "recent_items")

@app.route(route="items/{name}", methods=["GET", "PUT"])
def get_item(req: func.HttpRequest) -> func.HttpResponse:
    return told(req, "get_item")

@app.route(route="orders/{order_id:guid}", methods=["GET"])
async def order(req: func.HttpRequest) -> func.HttpResponse:
    return told(req, "order")

@app.route(route="Numbers/{n:int:min(5)}")
async def numbers(req: func.HttpRequest) -> func.HttpResponse:
    return told(req, "numbers")

@app.route(route="files/{*rest}", methods=["GET"])
async def files(req: func.HttpRequest) -> func.HttpResponse:
    return told(req, "files")

@app.route(route="same", methods=["GET"])
async def same_a(req: func.HttpRequest) -> func.HttpResponse:
    return told(req, "same_a")

@app.route(route="same", methods=["GET", "POST"])
async def same_b(req: func.HttpRequest) -> func.HttpResponse:
    return told(req, "same_b")

@app.route(route="same", methods=["DELETE"])
async def same_c(req: func.HttpRequest) -> func.HttpResponse:
    return told(req, "same_c")

@app.route(route="strange/{x:nonsense}")
async def strange(req: func.HttpRequest) -> func.HttpResponse:
    return told(req, "strange")

@app.route(route="nothing", methods=["GET"])
async def nothing(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(status_code=204)

@app.route(route="text", methods=["GET"])
async def text(req: func.HttpRequest) -> str:
    return "café"

@app.route(route="cookies", methods=["GET"])
async def cookies(req: func.HttpRequest) -> func.HttpResponse:
    response = func.HttpResponse("ok", status_code=201, headers={"x-one": "1"})
    response.headers.add("Set-Cookie", "a=1; Path=/; HttpOnly; Secure; SameSite=Strict")
    response.headers.add("Set-Cookie", "b=2; Max-Age=60")
    return response

@app.route(route="broken", methods=["GET", "POST"])
async def broken(req: func.HttpRequest) -> func.HttpResponse:
    raise ValueError("the secret is " + req.params.get("secret", "none"))

@app.route(route="none", methods=["GET"])
async def none(req: func.HttpRequest) -> func.HttpResponse:
    return None

waiting = {}

@app.route(route="meet/{name}", methods=["GET"])
async def meet(req: func.HttpRequest) -> func.HttpResponse:
    own, other = sorted(["left", "right"], key=lambda side: side != req.route_params["name"])
    waiting.setdefault(own, asyncio.Event()).set()
    await waiting.setdefault(other, asyncio.Event()).wait()
    return func.HttpResponse(own)

@app.route(route="traced", methods=["GET"])
async def traced(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return func.HttpResponse(context.trace_context.trace_parent + " " + context.function_name)

@app.route(route="locked", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
async def locked(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("in")

@app.route(route="locked_too", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
async def locked_too(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("in")

@app.route(route="chiefs", methods=["GET"], auth_level=func.AuthLevel.ADMIN)
async def chiefs(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("in")

@app.route(route="echo", methods=["POST"])
async def echo(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(req.get_body(), mimetype="application/octet-stream")

@app.timer_trigger(schedule="0 0 0 1 1 *", arg_name="timer")
async def yearly(timer: func.TimerRequest) -> None:
    print("yearly ran, past due:", timer.past_due)
"""
)
