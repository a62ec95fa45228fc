"""The data map as a YAML file: read at first use, again when the file changes, and refused with line and reason."""

import hashlib
import logging
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from yaml import MappingNode, Node, SequenceNode

from shared.domain.data_map import DataMap
from shared.domain.errors import DataMapInvalid
from shared.ports.connector import Connector

logger = logging.getLogger(__name__)

MERGE = "tag:yaml.org,2002:merge"
type Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Build:
    stamp: Stamp
    map: DataMap


class YamlDataMap:
    """Keeps the newest good build of one file: a change that is not good is told once, and changes nothing."""

    def __init__(self, path: Path, connectors: Mapping[str, Connector]) -> None:
        self._path = path
        self._connectors = connectors
        self._build: _Build | None = None
        self._refused: Stamp | None = None
        self._lock = Lock()

    def current(self) -> DataMap:
        """See the port."""
        stamp = self._stamp()
        build = self._build
        if build is not None and stamp in {build.stamp, self._refused, None}:
            return build.map
        with self._lock:
            return self._renewed(stamp)

    def _renewed(self, stamp: Stamp | None) -> DataMap:
        build = self._build
        if build is not None and stamp in {build.stamp, self._refused, None}:
            return build.map
        try:
            built = _Build(stamp or (0, 0), load(self._path, self._connectors))
        except DataMapInvalid as refusal:
            if build is None:
                raise
            self._refused = stamp
            logger.warning("the changed data map is refused, the last good one stays: %s", refusal)
            return build.map
        self._build, self._refused = built, None
        return built.map

    def _stamp(self) -> Stamp | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size


def load(path: Path, connectors: Mapping[str, Connector]) -> DataMap:
    """Read and check a data map; its version is the one in the text and a hash of the text.

    Raises:
        DataMapInvalid: names the file, the line and the reason, and no value of the file.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataMapInvalid(f"{path.name}: cannot be read: {type(error).__name__}") from None
    return build(text, path.name, connectors)


def build(text: str, name: str, connectors: Mapping[str, Connector]) -> DataMap:
    """Check the text of a data map.

    Raises:
        DataMapInvalid: names the file, the line and the reason, and no value of the text.
    """
    root, data = _read(text, name)
    try:
        data_map = DataMap.model_validate(data)
    except ValidationError as error:
        first, *others = _causes(error)
        place = ".".join(str(step) for step in first["loc"])
        more = f" (and {len(others)} more)" if others else ""
        raise DataMapInvalid(f"{name}:{_line(root, first['loc'])}: {place or 'map'}: {first['msg']}{more}") from None
    for service_number, service in enumerate(data_map.services):
        at: tuple[str | int, ...] = ("services", service_number)
        connector = connectors.get(service.connector)
        if connector is None:
            known = ", ".join(sorted(connectors))
            raise DataMapInvalid(
                f"{name}:{_line(root, (*at, 'connector'))}: service {service.id}: no such connector; known are {known}"
            )
        for dataset_number, dataset in enumerate(service.datasets):
            try:
                connector.check(service, dataset)
            except DataMapInvalid as error:
                line = _line(root, (*at, "datasets", dataset_number))
                raise DataMapInvalid(f"{name}:{line}: {error}") from None
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return data_map.model_copy(update={"version": f"{data_map.version}+{digest}"})


def _read(text: str, name: str) -> tuple[Node, Any]:
    loader = yaml.CSafeLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            raise DataMapInvalid(f"{name}:1: the file is empty")
        for key in _doubles(root):
            raise DataMapInvalid(f"{name}:{key.start_mark.line + 1}: a key stands twice in one mapping")
        return root, loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DataMapInvalid(f"{name}:{line}: not YAML: {error.problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise DataMapInvalid(f"{name}:1: not YAML: {type(error).__name__}") from None
    finally:
        loader.dispose()


def _causes(error: ValidationError) -> list[ErrorDetails]:
    """Return what is wrong, without what is wrong only because something inside it is."""
    told = error.errors(include_url=False, include_context=False, include_input=False)
    within = {one["loc"][:depth] for one in told for depth in range(len(one["loc"]))}
    return [one for one in told if one["loc"] not in within]


def _doubles(node: Node) -> Iterator[Node]:
    """Yield the keys that stand a second time in their mapping: YAML would let the last one win in silence."""
    waiting, met = [node], set()
    while waiting:
        one = waiting.pop()
        if id(one) in met:
            continue
        met.add(id(one))
        if isinstance(one, SequenceNode):
            waiting += one.value
        elif isinstance(one, MappingNode):
            keys: set[Hashable] = set()
            for key, value in one.value:
                if key.tag != MERGE and (key.tag, str(key.value)) in keys:
                    yield key
                keys.add((key.tag, str(key.value)))
                waiting.append(value)


def _line(node: Node, place: Sequence[str | int]) -> int:
    """Return the line of the innermost node on this path that the text has."""
    line: int = node.start_mark.line + 1
    for step in place:
        if isinstance(node, MappingNode):
            inner = next(((key, value) for key, value in node.value if key.value == str(step)), None)
        elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
            inner = (node.value[step], node.value[step])
        else:
            inner = None
        if inner is None:
            break
        line, node = inner[0].start_mark.line + 1, inner[1]
    return line
