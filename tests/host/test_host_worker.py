"""The worker process: crashes, timeouts, apps that do not load, output."""

import asyncio

import pytest
from apps import HEAD

FRAGILE = (
    HEAD
    + """
@app.route(route="exit", methods=["GET"])
async def leave(req: func.HttpRequest) -> func.HttpResponse:
    os._exit(3)

@app.route(route="sleep", methods=["GET"])
async def sleep(req: func.HttpRequest) -> func.HttpResponse:
    print("sleeping")
    await asyncio.sleep(60)

@app.route(route="block", methods=["GET"])
async def block(req: func.HttpRequest) -> func.HttpResponse:
    time.sleep(60)

@app.route(route="well", methods=["GET"])
async def well(req: func.HttpRequest) -> func.HttpResponse:
    logging.getLogger("mine").info("said in a log")
    print("said to\\nthe screen")
    return func.HttpResponse(str(os.getpid()))
"""
)


async def test_a_crash_fails_what_runs_and_a_new_worker_takes_over(start_host):
    host = await start_host(FRAGILE)
    before = await host.http.get("/api/well")
    sleeping = asyncio.create_task(host.http.get("/api/sleep"))
    await host.line("worker | sleeping")
    assert (await host.http.get("/api/exit")).status_code == 500
    assert (await sleeping).status_code == 500
    after = await host.http.get("/api/well")
    assert (before.status_code, after.status_code) == (200, 200)
    assert before.text != after.text
    assert host.count("failed (the worker process ended)") == 2


@pytest.mark.parametrize("path", ["/api/sleep", "/api/block"])
async def test_a_function_that_takes_too_long_costs_the_worker(start_host, path):
    host = await start_host(FRAGILE, host_json={"version": "2.0", "functionTimeout": "00:00:01"})
    before = await host.http.get("/api/well")
    assert (await host.http.get(path)).status_code == 500
    await host.line("failed (it ran longer than functionTimeout; the worker is restarted)")
    after = await host.http.get("/api/well")
    assert (before.status_code, after.status_code) == (200, 200)
    assert before.text != after.text


async def test_what_the_worker_says_is_passed_on(start_host):
    host = await start_host(FRAGILE)
    await host.http.get("/api/well")
    for line in ("worker | INFO mine: said in a log", "worker | said to", "worker | the screen"):
        assert await host.line(line) == line


async def test_log_levels_of_host_json_are_heeded(start_host):
    quiet = {"version": "2.0", "logging": {"logLevel": {"default": "Warning", "Function": "Error"}}}
    host = await start_host(FRAGILE, host_json=quiet)
    await host.http.get("/api/well")
    await host.line("worker | the screen")
    assert host.count("said in a log") == 0


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import nothing_of_that_name\n", "No module named 'nothing_of_that_name'"),
        ("import os\nos._exit(1)\n", "the worker process ended while it loaded the app"),
        ("x = 1\n", "Could not find top level function app instances"),
    ],
    ids=["import", "exit", "no app"],
)
async def test_an_app_that_does_not_load_is_explained_and_answers_nothing(start_host, source, reason):
    host = await start_host(source, until="the app cannot be loaded")
    assert host.count(reason) >= 1
    assert host.count("ready http") == 0
    assert host.process.returncode is None
