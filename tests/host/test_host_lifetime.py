"""How the host starts and ends."""

import asyncio
import signal
import socket
import subprocess
import sys
from asyncio.subprocess import PIPE

import psutil
import pytest
from apps import HEAD
from running_host import DEADLINE, PROJECT, RunningHost

SLOW = (
    HEAD
    + """
@app.route(route="slow", methods=["GET"])
async def slow(req: func.HttpRequest) -> func.HttpResponse:
    print("slow began")
    await asyncio.sleep(1)
    return func.HttpResponse("done")
"""
)


def run(*options):
    command = [sys.executable, "-m", "devhost.host", *map(str, options)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=DEADLINE, check=False)
    return done.returncode, done.stdout, done.stderr


async def ended(processes):
    _, alive = await asyncio.to_thread(psutil.wait_procs, processes, DEADLINE)
    return not alive


async def test_what_runs_is_finished_on_sigterm(start_host):
    host = await start_host(SLOW)
    answer = asyncio.create_task(host.http.get("/api/slow"))
    await host.line("worker | slow began")
    host.process.send_signal(signal.SIGTERM)
    assert (await answer).text == "done"
    assert await host.stop() == 0


async def test_the_worker_dies_with_a_killed_host(start_host):
    host = await start_host(SLOW)
    workers = psutil.Process(host.process.pid).children()
    assert len(workers) == 1
    await host.stop(signal.SIGKILL)
    assert await ended(workers)


async def test_the_host_ends_with_its_standard_input(start_host):
    host = await start_host(SLOW)
    workers = psutil.Process(host.process.pid).children()
    host.process.stdin.close()
    async with asyncio.timeout(DEADLINE):
        assert await host.process.wait() == 0
    assert await ended(workers)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
async def test_the_host_ends_with_its_parent(tmp_path):
    host = RunningHost(tmp_path, SLOW)
    options = ["--app", str(host.app), "--port", "0", "--data", str(host.data)]
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-m', 'devhost.host', *sys.argv[1:]], stdin=subprocess.DEVNULL)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", code, *options, cwd=PROJECT, stdout=PIPE)
    try:
        async with asyncio.timeout(DEADLINE):
            pid = int(await parent.stdout.readline())
            while not (await parent.stdout.readline()).startswith(b"ready "):
                assert not parent.stdout.at_eof()
        family = [psutil.Process(pid), *psutil.Process(pid).children()]
    finally:
        parent.kill()
        await parent.communicate()
    assert len(family) == 2
    assert await ended(family)


def test_a_wrong_option_is_one_line(tmp_path):
    code, out, err = run("--app", tmp_path, "--port", "x", "--data", tmp_path)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "--port" in err


def test_a_missing_host_json_is_one_line(tmp_path):
    code, out, err = run("--app", tmp_path, "--port", 0, "--data", tmp_path / "data")
    assert (code, out, err) == (2, "", f"devhost.host: {tmp_path / 'host.json'} does not exist\n")


@pytest.mark.parametrize("text", ["{", "[]", '{"functionTimeout": "soon"}', '{"extensions": {"http": 5}}'])
def test_a_wrong_host_json_is_one_line(tmp_path, text):
    (tmp_path / "host.json").write_text(text)
    code, out, err = run("--app", tmp_path, "--port", 0, "--data", tmp_path / "data")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "host.json cannot be used" in err


def test_a_taken_port_is_one_line(tmp_path):
    (tmp_path / "host.json").write_text("{}")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, out, err = run("--app", tmp_path, "--port", port, "--data", tmp_path / "data")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert f"cannot listen on 127.0.0.1:{port}" in err


def test_unreadable_keys_are_one_line(tmp_path):
    host = RunningHost(tmp_path, SLOW)
    host.data.mkdir()
    (host.data / "keys.json").write_text("no json")
    code, _, err = run("--app", host.app, "--port", 0, "--data", host.data)
    assert (code, err.count("\n")) == (2, 1)
    assert "delete it to get new keys" in err
