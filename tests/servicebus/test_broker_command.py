"""The command: one line when ready, one line when wrong."""

import json
import signal
import socket
import subprocess
import sys

import pytest
from running_broker import CONFIG, ROOT


def run(*options):
    command = [sys.executable, "-m", "devhost.servicebus", *map(str, options)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)


def assert_one_line(result, *words):
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    for word in words:
        assert word in result.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_when_told_to(own_broker, number):
    own_broker.start()
    assert own_broker.end(number) == (0, "")


def test_it_stops_cleanly_with_clients_connected(own_broker):
    own_broker.start()
    with socket.create_connection(("127.0.0.1", own_broker.port), timeout=5) as client:
        client.sendall(b"AMQP\x03\x01\x00\x00")
        assert client.recv(8) == b"AMQP\x03\x01\x00\x00"
        assert own_broker.end() == (0, "")


def test_it_says_which_option_is_missing_or_wrong(tmp_path):
    assert_one_line(run("--port", "0"), "--config", "--database")
    assert_one_line(run("--config", CONFIG, "--database", tmp_path / "d", "--port", "many"), "many", "port")


def test_it_says_when_the_configuration_cannot_be_used(tmp_path):
    bad = tmp_path / "bad.json"
    bad.write_text(
        json.dumps(
            {
                "UserConfig": {
                    "Namespaces": [{"Name": "n", "Queues": [{"Name": "q", "Properties": {"RequiresSession": True}}]}]
                }
            }
        )
    )
    result = run("--config", bad, "--database", tmp_path / "d", "--port", "0")
    assert_one_line(result, "bad.json", "queue q", "sessions")


def test_it_says_when_the_port_is_taken(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("--config", CONFIG, "--database", tmp_path / "d", "--port", port)
    assert_one_line(result, f"127.0.0.1:{port}", "in use")


def test_it_says_when_the_database_is_in_use_or_is_none(own_broker, tmp_path):
    own_broker.start()
    assert_one_line(run("--config", CONFIG, "--database", own_broker.database, "--port", "0"), "locked")
    text = tmp_path / "text"
    text.write_text("this is not a database, whatever its name may be " * 100)
    assert_one_line(run("--config", CONFIG, "--database", text, "--port", "0"), "not a database")
