"""Tell a recipient that data it received was erased, corrected or restricted, under what it knows (GDPR Art. 19)."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.domain.ask import Correction
from shared.domain.data_map import DataMap, Dataset, Notify, Recipient
from shared.domain.dossier import SEARCHED, Dossier
from shared.domain.errors import Permanent, Transient
from shared.domain.request import Language, Request
from shared.domain.service_task import ServiceTask, TaskState
from shared.ports.egress import Egress
from shared.ports.requests import Versioned
from shared.ports.world import Clock, Mail, Mailer, Maps, Renderer
from shared.rights.rectification import granted
from shared.use_cases.opening_stages import task_command
from shared.use_cases.reading_dossiers import Dossiers

TOLD = "told"  # by mail: nothing is known of an answer
HAPPENINGS = {"rectification": "rectified", "restriction": "restricted"}  # by the part's right; of any other, erased


class _Answer(BaseModel):
    model_config = ConfigDict(defer_build=True, frozen=True, extra="ignore", hide_input_in_errors=True)

    status: str = Field(pattern="^(acknowledged|erased|rectified|restricted|nothing_held|refused)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Informing:
    """Word to one recipient. Repeats carry the same id; what it answers is recorded as its outcome."""

    dossiers: Dossiers
    maps: Maps
    egress: Egress
    mailer: Mailer
    renderer: Renderer
    clock: Clock

    async def step(self, request: Request, task: Versioned[ServiceTask]) -> Versioned[ServiceTask]:
        """Tell the recipient and return the task as it is to be saved, with the ETag to save it under.

        Raises:
            Transient: it could not be reached for now.
            Permanent: `recipient_left_the_data_map`, `identifier_unknown`, or it refused the call for good.
        """
        data_map = self.maps.current()
        recipient = data_map.recipients().get(task.row.service)
        if recipient is None or recipient.notify is None:
            raise Permanent("recipient_left_the_data_map")
        word = _word(request, task.row, recipient.notify, await self.dossiers.of(request), data_map)
        if not word.known:
            raise Permanent("identifier_unknown")
        if recipient.notify.how == "http":
            outcome = await self._by_http(recipient.notify, word)
        else:
            await self._by_mail(request.language, recipient, recipient.notify, word)
            outcome = TOLD
        now = self.clock()
        changes = {"state": TaskState.DONE, "outcome": outcome, "ended_at": now, "chunk": task.row.chunk + 1}
        return Versioned(row=task.row.model_copy(update=changes), etag=task.etag)

    async def _by_http(self, notify: Notify, word: "_Word") -> str:
        name = str(uuid5(NAMESPACE_URL, word.reference))
        told: dict[str, Any] = {
            "notification": name,
            "happening": word.happening,
            "datasets": sorted(one.id for one in word.datasets),
            "identifiers": [{"kind": notify.identifier, "value": value} for value in word.known],
        }
        if word.corrections:
            told["corrections"] = [one.model_dump() for one in word.corrections]
        headers = {"Content-Type": "application/json", "Idempotency-Key": name}
        answer = await self.egress.call("POST", notify.address, headers=headers, body=json.dumps(told).encode())
        if answer.status == 429 or answer.status >= 500:
            raise Transient("recipient_unavailable")
        if answer.status >= 400:
            raise Permanent(f"recipient_answered_{answer.status}")
        try:
            return _Answer.model_validate_json(answer.body).status
        except ValidationError:
            return TOLD  # It took the word; an answer that says nothing is none.

    async def _by_mail(self, language: Language, recipient: Recipient, notify: Notify, word: "_Word") -> None:
        values = {
            "recipient": recipient.name,
            "identifiers": word.known,
            "happening": word.happening,
            "datasets": [one.title.in_language(language) for one in word.datasets],
            "corrections": [{"field": one.field, "value": one.value} for one in word.corrections],
            "reference": word.reference,
        }
        text = self.renderer.mail("recipient", language, values)
        key = uuid5(NAMESPACE_URL, word.reference)
        await self.mailer.send(Mail(key=key, to=notify.address, subject=text.subject, text=text.text, html=text.html))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    """What one recipient is told: what happened to which datasets, and by which identifiers it knows whose.

    Of a correction it learns the new values: they are what it has to put right.
    """

    reference: str
    happening: str
    datasets: list[Dataset]
    known: list[str]
    corrections: list[Correction]


def _word(request: Request, task: ServiceTask, notify: Notify, dossier: Dossier, data_map: DataMap) -> _Word:
    part = request.parts[task.part]
    held = (one for one in dossier.people[part.person] if one.kind == notify.identifier and one.standing in SEARCHED)
    datasets = {dataset.id: dataset for _, dataset in data_map.datasets() if dataset.id in task.found}
    made = granted(dossier.ask(part.right), request.verdict(task.part), data_map, role=request.role)
    return _Word(
        reference=task_command(request.id, task).task_id,
        happening=HAPPENINGS.get(part.right, "erased"),
        datasets=[datasets[one] for one in sorted(datasets)],
        known=sorted({one.value for one in held}),
        corrections=[one for one in made if one.dataset in datasets] if part.right == "rectification" else [],
    )
