"""The house keeps its own rules: floors, ports, messages, files, words."""

import ast
import inspect
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest

from shared.adapters.yaml_data_map import load
from shared.connectors import discover
from shared.messages import commands

CODE = ["function_app.py", "functions", "shared", "devhost", "samples", "benchmarks", "tests"]
NO_MEMORY_ADAPTER = {
    "Renderer": "pure: templates over values; the one adapter needs nothing outside",
    "Maps": "reads one file; the one adapter needs nothing else",
    "Connector": "lives in shared/connectors, where `memory` is one of its kinds",
    "Seal": "made by the case keys' adapters",
    "Holds": "a use case over the measures, which have one",
    "Signer": "the local signer holds its keys in memory",
}


def sources(root: Path, *under: str) -> list[Path]:
    found = []
    for name in under or CODE:
        place = root / name
        found += [place] if place.is_file() else sorted(place.rglob("*.py"))
    return [path for path in found if ".venv" not in path.parts]


def run(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120, check=False)


def test_imports_go_one_way(root):
    checked = run(root, str(Path(sys.executable).parent / "lint-imports"))
    assert checked.returncode == 0, checked.stdout[-3000:]


def test_a_cold_start_loads_no_sdk_and_no_templates(root):
    told = run(root, sys.executable, "-c", "import sys, function_app; print('\\n'.join(sys.modules))")
    assert told.returncode == 0, told.stderr[-2000:]
    loaded = told.stdout.split()
    assert "functions.request_submit" in loaded
    late = (
        "azure.data",
        "azure.storage",
        "azure.servicebus",
        "azure.identity",
        "azure.core",
        "aiohttp",
        "cryptography",
    )
    banned = (*late, "jinja2", "yaml", "functions._openapi", "shared.adapters", "shared.connectors", "devhost")
    assert [name for name in loaded if name.startswith(banned)] == []


def test_the_app_is_indexed_without_any_setting(root):
    program = "import function_app; print(len(function_app.app.get_functions()))"
    told = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, timeout=120, check=False, env={}
    )
    assert told.returncode == 0, told.stderr[-2000:]
    assert int(told.stdout) >= 30


def test_what_is_deployed_never_names_the_local_stack(root):
    for path in sources(root, "function_app.py", "functions", "shared"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] in {"devhost", "samples", "tests"}], path


def protocols() -> dict[str, type]:
    found = {}
    for name in ("blobs", "bus", "case_keys", "connector", "egress", "erasing", "measures", "requests", "world"):
        module = import_module(f"shared.ports.{name}")
        for one in vars(module).values():
            if inspect.isclass(one) and one.__module__ == module.__name__ and getattr(one, "_is_protocol", False):
                found[one.__name__] = one
    return found


def test_every_port_has_a_memory_adapter_with_its_methods(root):
    modules = [import_module(f"shared.adapters.{path.stem}") for path in (root / "shared/adapters").glob("memory_*.py")]
    adapters = {name: one for module in modules for name, one in vars(module).items() if inspect.isclass(one)}
    ports = protocols()
    assert len(ports) >= 12
    assert set(NO_MEMORY_ADAPTER) <= set(ports)
    for name, port in ports.items():
        if name in NO_MEMORY_ADAPTER:
            continue
        kind = {"RequestStore": "MemoryRequests"}.get(name, f"Memory{name}")
        assert kind in adapters, f"{name} has no memory adapter"
        for method, declared in inspect.getmembers(port, inspect.isfunction):
            if not method.startswith("_"):
                given = inspect.signature(getattr(adapters[kind], method))
                assert list(given.parameters) == list(inspect.signature(declared).parameters), f"{kind}.{method}"


PLAIN = {
    "about",  # a service by its id, or a code
    "kind",
    "schema_version",
    "request_id",
    "attempt",
    "reissue",
    "traceparent",
    "task",
    "lane",
    "chunk",
    "block",
    "issue",
    "notice",
    "number",
    "seq",
    "handle",
    "version",
}


@pytest.mark.parametrize("kind", get_args(commands.AnyCommand.__value__))
def test_a_command_carries_ids_numbers_and_words_of_ours_alone(kind):
    assert set(kind.model_fields) <= PLAIN, "a new field: is it certain that it never says who it is about?"
    assert kind.model_config["frozen"]
    assert kind.model_config["extra"] == "ignore"


def test_every_command_is_one_of_the_union_and_has_a_literal_kind():
    kinds = {one for one in vars(commands).values() if inspect.isclass(one) and issubclass(one, commands.Command)}
    assert kinds - {commands.Command} == set(get_args(commands.AnyCommand.__value__))
    defaults = [kind.model_fields["kind"].default for kind in get_args(commands.AnyCommand.__value__)]
    assert len(set(defaults)) == len(defaults)


def test_the_data_map_is_good_and_names_each_tenant_where_an_address_opens(root):
    connectors = {kind: factory(None) for kind, factory in discover().items()}
    data_map = load(root / "data_map.yaml", connectors)
    assert data_map.services
    for _, dataset in data_map.datasets():
        if dataset.tenancy == "tenant" and dataset.is_opened_by("email"):
            assert dataset.tenant_field in {one.name for one in dataset.fields if one.withhold is None}, dataset.id


def test_no_file_is_too_long_to_read(root):
    lines = {str(path.relative_to(root)): path.read_text("utf-8").count("\n") for path in sources(root)}
    limits = {name: 500 if name.startswith("tests/") else 400 for name in lines}
    assert {name for name in lines if lines[name] > limits[name]} == set()


def test_no_module_is_named_for_nothing(root):
    empty = re.compile(r"(^|_)(utils?|helpers?|managers?|commons?|misc|stuff)($|_)")
    assert [str(path) for path in sources(root) if empty.search(path.stem)] == []


BANNED = re.compile(r"\b(TODO|FIXME|XXX|HACK|lorem ipsum)\b|[\s\"'(](/home|/root|/Users|/work)/\w", re.IGNORECASE)


def test_nothing_is_left_to_do_and_no_machine_is_named(root):
    here = Path(__file__).resolve()
    said = {
        str(path.relative_to(root)): found[0]
        for path in sources(root)
        if path != here and (found := BANNED.search(path.read_text("utf-8")))
    }
    assert said == {}


def test_tests_replace_nothing_by_name(root):
    banned = {"mock", "unittest"}
    for path in sources(root, "tests"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not banned & {part for name in names for part in name.split(".")}, path


def test_tests_in_one_process_sleep_only_between_two_looks(root):
    for path in sources(root, "tests/unit", "tests/functions", "tests/contract", "tests/architecture"):
        tree = ast.parse(path.read_text("utf-8"))
        polling = {
            inner
            for loop in ast.walk(tree)
            if isinstance(loop, ast.While | ast.For | ast.AsyncFor)
            for inner in ast.walk(loop)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "sleep":
                passes_on = node.args and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0
                assert passes_on or node in polling, f"{path}:{node.lineno}"
