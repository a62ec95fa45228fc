"""Tell a recipient that data it received was erased, under the identifier it knows (GDPR Art. 19)."""

import json
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.domain.data_map import DataMap, Notify, Recipient
from shared.domain.dossier import SEARCHED, Dossier
from shared.domain.errors import Permanent, Transient
from shared.domain.request import Request
from shared.domain.service_task import ServiceTask, TaskState
from shared.ports.egress import Egress
from shared.ports.requests import Versioned
from shared.ports.world import Clock, Mail, Mailer, Maps, Renderer
from shared.use_cases.opening_stages import task_command
from shared.use_cases.reading_dossiers import Dossiers

TOLD = "told"  # by mail: nothing is known of an answer


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    status: str = Field(pattern="^(acknowledged|erased|nothing_held|refused)$")


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
        known = _known(recipient.notify, await self.dossiers.of(request), request.parts[task.row.part].person)
        if not known:
            raise Permanent("identifier_unknown")
        if recipient.notify.how == "http":
            outcome = await self._by_http(request, task.row, recipient.notify, known)
        else:
            await self._by_mail(request, task.row, recipient, recipient.notify, known, data_map)
            outcome = TOLD
        now = self.clock()
        changes = {"state": TaskState.DONE, "outcome": outcome, "ended_at": now, "chunk": task.row.chunk + 1}
        return Versioned(row=task.row.model_copy(update=changes), etag=task.etag)

    async def _by_http(self, request: Request, task: ServiceTask, notify: Notify, known: list[str]) -> str:
        name = str(uuid5(NAMESPACE_URL, task_command(request.id, task).task_id))
        told = {
            "notification": name,
            "happening": "erased",
            "datasets": sorted(task.found),
            "identifiers": [{"kind": notify.identifier, "value": value} for value in known],
        }
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

    async def _by_mail(
        self,
        request: Request,
        task: ServiceTask,
        recipient: Recipient,
        notify: Notify,
        known: list[str],
        data_map: DataMap,
    ) -> None:
        titles = {dataset.id: dataset.title for _, dataset in data_map.datasets()}
        values = {
            "recipient": recipient.name,
            "happening": "erased",
            "identifiers": known,
            "datasets": [titles[one].in_language(request.language) for one in sorted(task.found) if one in titles],
            "reference": task_command(request.id, task).task_id,
        }
        text = self.renderer.mail("recipient", request.language, values)
        key = uuid5(NAMESPACE_URL, task_command(request.id, task).task_id)
        await self.mailer.send(Mail(key=key, to=notify.address, subject=text.subject, text=text.text, html=text.html))


def _known(notify: Notify, dossier: Dossier, person: int) -> list[str]:
    held = (one for one in dossier.people[person] if one.kind == notify.identifier and one.standing in SEARCHED)
    return sorted({one.value for one in held})
