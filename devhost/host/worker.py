"""The worker process: loads the app through Microsoft's worker library and runs its functions."""

import argparse
import asyncio
import json
import logging
import os
import signal
import socket
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import azure_functions_runtime as runtime

from devhost.host import protos
from devhost.host.failures import brief
from devhost.host.frames import READ_BUFFER, Header, read_frame, write_frame
from devhost.host.lifeline import end_with_parent
from devhost.host.payloads import input_data, reply

_SETTLES_WITHIN = 1.0


async def serve(channel: socket.socket, app: Path) -> None:
    """Index the app, tell the host, then answer its invocations until it hangs up."""
    reader, writer = await asyncio.open_unix_connection(sock=channel, limit=READ_BUFFER)
    runtime.start_threadpool_executor()
    index = await _index(app)
    ids = {entry["name"]: entry.pop("id") for entry in index.get("functions", ())}
    write_frame(writer, index)
    running: set[asyncio.Task[None]] = set()
    while (frame := await read_frame(reader)) is not None:
        header, body = frame
        task = asyncio.create_task(_answer(writer, ids.get(header["function"], ""), header, body))
        running.add(task)
        task.add_done_callback(running.discard)
    if running:
        await asyncio.wait(running, timeout=_SETTLES_WITHIN)


async def _index(app: Path) -> Header:
    init = SimpleNamespace(capabilities={}, function_app_directory=str(app))
    response = await runtime.worker_init_request(
        SimpleNamespace(
            properties={"host": "127.0.0.1", "protos": protos}, request=SimpleNamespace(worker_init_request=init)
        )
    )
    if response.result.status == protos.StatusResult.Failure:
        return {"error": response.result.exception.message, "trace": response.result.exception.stack_trace}
    metadata = await runtime.functions_metadata_request(None)
    if not metadata.function_metadata_results:
        return {"error": f"no functions found in {app / 'function_app.py'}", "trace": ""}
    return {
        "functions": [
            {"name": found.name, "id": found.function_id, "bindings": [str(text) for text in found.raw_bindings]}
            for found in metadata.function_metadata_results
        ]
    }


async def _answer(writer: asyncio.StreamWriter, function_id: str, header: Header, body: bytes) -> None:
    argument, metadata = input_data(header, body)
    response = await runtime.invocation_request(
        SimpleNamespace(
            request=SimpleNamespace(
                invocation_request=SimpleNamespace(
                    invocation_id=header["id"],
                    function_id=function_id,
                    input_data=[argument],
                    trigger_metadata=metadata,
                    trace_context=SimpleNamespace(
                        trace_parent=header["traceparent"], trace_state=header.get("tracestate", ""), attributes={}
                    ),
                    retry_context=SimpleNamespace(retry_count=0, max_retry_count=0, exception=None),
                )
            )
        )
    )
    if response.result.status == protos.StatusResult.Failure:
        answer: Header = {"error": brief(response.result.exception)}
        content = b""
    else:
        answer, content = reply(response.return_value)
    write_frame(writer, {"id": header["id"], **answer}, content)
    await writer.drain()


def _set_up_logging(levels: dict[str, str]) -> None:
    """Log to standard output as host.json asks: the app's lines under `Function`, the library's under `default`."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    default = _level(levels.get("default", "Information"))
    logging.basicConfig(level=_level(levels.get("Function", "Information")), handlers=[handler])
    logging.getLogger("azure.functions").setLevel(default)


def _level(name: str) -> int:
    names = {"trace": 5, "debug": 10, "information": 20, "warning": 30, "error": 40, "critical": 50, "none": 60}
    return names.get(name.lower(), logging.INFO)


def main() -> None:
    """Run as the host's child."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--app", type=Path, required=True)
    parser.add_argument("--channel", type=int, required=True)
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--levels", type=json.loads, required=True)
    options: Any = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(options.parent, signal.SIGKILL)
    _set_up_logging(options.levels)
    sys.path[0] = str(options.app)
    os.chdir(options.app)
    asyncio.run(serve(socket.socket(fileno=options.channel), options.app))
    logging.shutdown()
    os._exit(0)  # as a worker in Azure ends: the app is not asked to close what it holds open, nor chided for it


if __name__ == "__main__":
    main()
