"""What systems outside the stores keep of the sample company: written to their own files, beside their processes."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from samples.records.shapes import Entry
from samples.telemetry_service.records import FILE, Event, Records
from samples.vendor_service.shelf import Shelf

NEWSLETTER, TELEMETRY = "newsletter", "app-insights"
SUBSCRIBERS = "subscribers"  # what the newsletter's vendor calls its dataset


@dataclass(frozen=True, slots=True)
class Outside:
    """Where these systems keep their files in a stack's data folder."""

    data: Path

    @classmethod
    def beside(cls, data: Path) -> Self:
        """Return those of a stack whose data folder this is, wherever a process runs."""
        return cls(data.resolve())

    @property
    def vendor(self) -> Path:
        """The newsletter vendor's folder."""
        return self.data / "vendor"

    @property
    def telemetry(self) -> Path:
        """The telemetry service's folder."""
        return self.data / "telemetry"

    @property
    def notices(self) -> Path:
        """What the agency was told, one JSON object a line."""
        return self.data / "agency" / "notices.jsonl"

    def prepare(self) -> None:
        """Make what the systems expect to find, empty where it is not there yet."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        Shelf(self.vendor).add(SUBSCRIBERS, ())
        Records(self.telemetry).close()

    def fill(self, entries: Iterable[Entry]) -> None:
        """Write what is kept anew: nothing that was there before stays."""
        kept: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for one in entries:
            kept[one.service].append(one.values)
        shelf = Shelf(self.vendor)
        shelf.file(SUBSCRIBERS).unlink(missing_ok=True)
        shelf.add(SUBSCRIBERS, kept[NEWSLETTER])
        self._fill_telemetry(kept[TELEMETRY])

    def _fill_telemetry(self, kept: Iterable[Mapping[str, Any]]) -> None:
        records = Records(self.telemetry)
        with sqlite3.connect(self.telemetry / FILE) as database:
            for table in ("known_by", "events", "erasures"):
                database.execute(f"DELETE FROM {table}")  # noqa: S608  the three names above
        database.close()
        records.add(_event(one) for one in kept)
        records.close()


def _event(values: Mapping[str, Any]) -> Event:
    known_by = (("entra_object_id", values["userAuthenticatedId"]),)
    return Event("app-telemetry", values["tenantId"], known_by, values)
