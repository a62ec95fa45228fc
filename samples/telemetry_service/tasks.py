"""What the service does with one task. Every line may be the last before a crash: the message comes again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from samples.telemetry_service.privacy import Privacy
from samples.telemetry_service.records import Records

type Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tasks:
    """Does tasks."""

    privacy: Privacy
    records: Records

    async def do(self, task_id: str) -> None:
        """Claim a task, do it, and say so; nothing, where it has ended or may not be done."""
        claim = await self.privacy.claim(task_id)
        if claim is None or not claim["mayProceed"]:
            return
        match claim["work"]:
            case "survey":
                outcome: Json | None = self._surveyed(claim)
            case "export":
                outcome = await self._exported(claim)
            case "rectify":
                outcome = self._corrected(claim)
            case "erase":
                outcome = await self._erased(task_id, claim)
            case _:
                outcome = {"status": "failed", "code": "unknown_work"}
        if outcome is not None:
            await self.privacy.answer(task_id, outcome)

    def _surveyed(self, claim: Json) -> Json:
        counts = {one["id"]: self.records.count(one["id"], one["identifiers"]) for one in claim["datasets"]}
        return _done([{"id": name, "count": count, "remaining": count} for name, count in counts.items()])

    async def _exported(self, claim: Json) -> Json:
        lines = [
            json.dumps({"dataset": one["id"], "record": record}, ensure_ascii=False)
            for one in claim["datasets"]
            for record in self.records.of(one["id"], one["identifiers"])
        ]
        await self.privacy.upload(claim["upload"]["url"], "".join(f"{line}\n" for line in lines).encode())
        return _done([])

    def _corrected(self, claim: Json) -> Json:
        told = []
        for one in claim["datasets"]:
            try:
                count = self.records.correct(one["id"], one["identifiers"], one["values"])
            except ValueError:
                return {"status": "failed", "code": "value_does_not_fit"}
            remaining = self.records.wrong(one["id"], one["identifiers"], one["values"])  # the second look
            told.append({"id": one["id"], "count": count, "remaining": remaining, "method": "sqlite update"})
        return _done(told)

    async def _erased(self, task_id: str, claim: Json) -> Json | None:
        told = []
        for one in claim["datasets"]:
            found = self.records.count(one["id"], one["identifiers"])
            if one.get("atMost") is not None and found > one["atMost"]:
                counted = {"id": one["id"], "count": found, "remaining": found}
                return {"status": "failed", "code": "more_than_planned", "datasets": [counted]}
            # Counting may have taken long, so ask once more, right before deleting.
            again = await self.privacy.claim(task_id)
            if again is None or not again["mayProceed"]:
                return None
            count = self.records.erase(task_id, one["id"], one["identifiers"], one["action"])
            remaining = self.records.count(one["id"], one["identifiers"])  # the second look
            told.append({"id": one["id"], "count": count, "remaining": remaining, "method": f"sqlite {one['action']}"})
        return _done(told)


def _done(datasets: Sequence[Json]) -> Json:
    return {"status": "done", "datasets": datasets}
