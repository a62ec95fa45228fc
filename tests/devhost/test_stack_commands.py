"""Commands that cannot do what was asked say why in one line and end with 2."""

import jwt
import pytest
from small_stack import APP, command, write_app

from devhost.ports import free_port
from samples.people import PEOPLE


async def refused(*arguments, **environment):
    code, out, err = await command(*arguments, **environment)
    assert (code, out, err.count("\n")) == (2, "", 1), err
    return err.rstrip()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(["up", "--colour", "red"], "unrecognized arguments: --colour red", id="option"),
        pytest.param(["up", "--port", "seven"], "invalid _port value: 'seven'", id="no number"),
        pytest.param(["up", "--port", "70000"], "invalid _port value: '70000'", id="no port"),
        pytest.param(["up", "--set", "NAME"], "--set wants NAME=VALUE, not 'NAME'", id="setting"),
        pytest.param(["down"], "invalid choice: 'down'", id="command"),
        pytest.param([], "arguments are required: COMMAND", id="no command"),
        pytest.param(["token", "--tenant", "noordzee"], "one of the arguments --user --app is required", id="nobody"),
        pytest.param(["mail", "--data"], "argument --data: expected one argument", id="no folder"),
    ],
)
async def test_a_wrong_option(arguments, told):
    assert told in await refused(*arguments)


@pytest.mark.parametrize("arguments", [["token", "--tenant", "noordzee", "--user", "anna"], ["seed"]])
async def test_no_stack_is_running(tmp_path, arguments):
    told = await refused(*arguments, "--data", str(tmp_path))
    assert told == f"devhost: no stack is running in {tmp_path}: start one with `python -m devhost up`"


async def test_a_data_folder_that_is_a_file(tmp_path, app):
    (tmp_path / "data").write_text("")
    told = await refused("up", "--port", str(free_port()), "--app", str(app), "--data", str(tmp_path / "data"))
    assert told == f"devhost: cannot use {tmp_path / 'data'} as data folder: File exists"


async def test_an_app_whose_queues_nobody_names(tmp_path):
    told = await refused("up", "--port", str(free_port()), "--app", str(tmp_path), "--data", str(tmp_path / "data"))
    assert "infra/servicebus.json is missing: it names queues and topics" in told


@pytest.mark.stack
async def test_a_port_that_is_taken(tmp_path, app, shared):
    told = await refused("up", "--port", str(shared.port), "--app", str(app), "--data", str(tmp_path / "data"))
    assert told == f"devhost: port {shared.port} on 127.0.0.1 is taken: choose another with --port, or PORT= with make"


@pytest.mark.stack
async def test_a_folder_in_which_another_stack_runs(app, shared):
    told = await refused("up", "--port", str(free_port()), "--app", str(app), "--data", str(shared.data))
    assert told == f"devhost: {shared.data} is in use by another running stack"


@pytest.mark.stack
async def test_a_name_that_nobody_has(shared):
    told = await refused("token", "--data", str(shared.data), "--tenant", "alpenblick", "--user", "bram")
    assert told.startswith("devhost: unknown user 'bram': give a GUID or one of: max, greta,")


@pytest.mark.stack
@pytest.mark.parametrize("what", ["app", "bus"])
async def test_a_part_that_cannot_run_is_named_with_its_last_words(tmp_path, what):
    app = write_app(tmp_path / "app", "import no_such_module\n" if what == "app" else APP)
    if what == "bus":
        (app / "infra" / "servicebus.json").write_text("{}, {}")
    name, words = {"app": ("host", "no_such_module"), "bus": ("bus", "is not JSON")}[what]
    places = ("--app", str(app), "--data", str(tmp_path / "data"))
    told = await refused("up", "--quiet", "--port", str(free_port()), *places)
    assert told.startswith(f"devhost: {name} did not start: ")
    assert words in told


@pytest.mark.stack
async def test_a_token_is_printed_alone(shared):
    code, out, err = await command("token", "--data", str(shared.data), "--tenant", "noordzee", "--user", "anna")
    claims = jwt.decode(out.rstrip("\n"), options={"verify_signature": False})
    assert (code, err, claims["oid"]) == (0, "", PEOPLE["anna"].oid)
