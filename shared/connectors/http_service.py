"""A service outside our app, over HTTP and JSON: it answers at once, is asked again, or calls back.

What it says of an erasure or a correction is its own statement; where it can be, it is asked again afterwards.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import NAMESPACE_URL, uuid5

from pydantic import ValidationError

from shared.connectors._correcting import must_be_found, reading
from shared.connectors._http_settings import check_name, check_outside, poll_every
from shared.connectors._http_wire import Count, HttpApi, Job, Records, Statement, read
from shared.connectors._position import parts_of, position_of
from shared.connectors._shape import Shape
from shared.connectors._stores import Stores
from shared.connectors._ways import Words, check_dataset, wanted
from shared.domain.data_map import Dataset, Service
from shared.domain.errors import Permanent
from shared.domain.identity import Identifier
from shared.domain.json_path import strings_at
from shared.messages.inputs import TaskOutcome
from shared.ports.connector import Counted, Erased, Erasure, Page, Record, Rectification, Rectified, Ticket
from shared.ports.egress import Answer

VOCABULARY = {"field": Words(needs=frozenset({"name"}))}
CALLED_BACK_WITHIN = timedelta(days=1)  # then it is asked once more: a call back may be lost
_OK, _DONE_OR_TAKEN = frozenset({200}), frozenset({200, 202})
_FORGOTTEN = frozenset({404, 410})  # a job it lost: the work is asked for anew, under the same key
_CANNOT_TELL = frozenset({404, 405, 501})
_NAMESPACE = uuid5(NAMESPACE_URL, "https://www.spinpanel.com/privacy/tasks")


class HttpService:
    """Speaks the wire contract of `docs/services.md`."""

    kind: ClassVar[str] = "http_service"

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def check(self, service: Service, dataset: Dataset) -> None:
        """See the port."""
        check_outside(service)
        check_dataset(dataset, VOCABULARY, "name")
        check_name(dataset)

    async def export(
        self, service: Service, dataset: Dataset, identifiers: Sequence[Identifier], position: str | None = None
    ) -> AsyncIterator[Page]:
        """See the port."""
        cursor = parts_of(position, 2)[1] if position else None
        sought, api = _sought(dataset, identifiers), self._api(service)
        if not sought:
            yield Page()
            return
        shape, tenants = Shape(dataset), {one.get("tenant") for one in sought}
        while True:
            asked = {"dataset": dataset.settings["name"], "identifiers": sought, "cursor": cursor}
            page = read(Records, await api.post("/export", asked, allowed=_OK), "answer_unreadable")
            if page.cursor is not None and page.cursor == cursor:
                raise Permanent("answer_unreadable")
            cursor = page.cursor
            yield Page(
                records=[shape.document(one) for one in page.records if _is_of(dataset, one, tenants)],
                position=None if cursor is None else position_of(0, cursor),
            )
            if cursor is None:
                return

    async def count(
        self, service: Service, dataset: Dataset, identifiers: Sequence[Identifier], position: str | None = None
    ) -> AsyncIterator[Counted]:
        """See the port."""
        if position is not None:
            raise Permanent("position_unreadable")
        sought = _sought(dataset, identifiers)
        if not sought:
            yield Counted()
            return
        asked = {"dataset": dataset.settings["name"], "identifiers": sought}
        answer = await self._api(service).post("/count", asked, allowed=_OK | _CANNOT_TELL)
        told = None if answer.status in _CANNOT_TELL else read(Count, answer, "answer_unreadable").count
        yield Counted(count=told)

    async def erase(
        self,
        service: Service,
        dataset: Dataset,
        identifiers: Sequence[Identifier],
        erasure: Erasure,
        position: str | None = None,
    ) -> AsyncIterator[Erased]:
        """See the port."""
        sought = _sought(dataset, identifiers)
        if not sought:
            yield Erased()
            return
        told = await self._ask(service, dataset, "/erasure", erasure, position, sought, {"action": erasure.action})
        yield Erased(count=told.count, position=told.position, ask_again=told.ask_again, stated=True)

    async def rectify(
        self,
        service: Service,
        dataset: Dataset,
        identifiers: Sequence[Identifier],
        rectification: Rectification,
        position: str | None = None,
    ) -> AsyncIterator[Rectified]:
        """See the port."""
        sought = _sought(dataset, identifiers)
        if not sought:
            yield Rectified()
            return
        kept = reading(dataset, rectification.values, lambda way: way.at["name"])
        must_be_found(bool(wanted(kept, identifiers)))
        values = {"values": dict(rectification.values)}
        told = await self._ask(service, dataset, "/rectification", rectification, position, sought, values)
        yield Rectified(count=told.count, position=told.position, ask_again=told.ask_again)

    async def _ask(
        self,
        service: Service,
        dataset: Dataset,
        path: str,
        work: Erasure | Rectification,
        position: str | None,
        sought: list[dict[str, str]],
        details: Mapping[str, Any],
    ) -> "_Outcome":
        """Ask for work, or how far it is; or read what the service called back about it."""
        job = parts_of(position, 2)[1] if position else None
        answers, name = service.settings["answers"], dataset.settings["name"]
        if position is not None and answers == "callback" and work.answer is not None:
            count = _called_back(work.answer, name)
            return _Outcome(position=position, ask_again=CALLED_BACK_WITHIN) if count is None else _Outcome(count=count)
        api = self._api(service)
        answer = None
        if job is not None and answers == "polling":
            answer = await api.get(f"{path}/{job}", allowed=_DONE_OR_TAKEN | _FORGOTTEN)
        if answer is None or answer.status in _FORGOTTEN:
            job = None
            task = str(uuid5(_NAMESPACE, work.ticket.id))
            asked: dict[str, Any] = {"task": task, "dataset": name, "identifiers": sought, **details}
            if answers == "callback":
                asked["callback"] = _callback(work.ticket)
            await work.may_proceed()
            answer = await api.post(path, asked, allowed=_DONE_OR_TAKEN, key=f"{task}:{name}")
        return _outcome(service, answer, job)

    def _api(self, service: Service) -> HttpApi:
        settings = service.settings
        return HttpApi(egress=self._stores.egress(), url=settings["url"], credential=settings.get("credential"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What the service has said by now: how many records, or when to ask again."""

    count: int = 0
    position: str | None = None
    ask_again: timedelta | None = None


def _outcome(service: Service, answer: Answer, job: str | None) -> _Outcome:
    if answer.status == 200:
        return _Outcome(count=read(Statement, answer, "no_evidence").evidence)
    answers = service.settings["answers"]
    job = job or read(Job, answer, "no_evidence").job
    if answers == "at_once" or (answers == "polling" and job is None):
        raise Permanent("no_evidence")
    return _Outcome(position=position_of(0, job), ask_again=poll_every(service) or CALLED_BACK_WITHIN)


def _called_back(answer: bytes, name: str) -> int | None:
    """Return how many records it was; None where the answer is about another dataset, come late or twice."""
    try:
        told = TaskOutcome.model_validate_json(answer)
    except ValidationError:
        raise Permanent("no_evidence") from None
    if told.status == "failed":
        raise Permanent("vendor_failed")
    about = [one for one in told.datasets if one.id == name]
    return Statement(status="done", count=about[0].count, remaining=about[0].remaining).evidence if about else None


def _callback(ticket: Ticket) -> dict[str, str]:
    return {"url": ticket.callback_url, "token": ticket.callback_token}


def _sought(dataset: Dataset, identifiers: Sequence[Identifier]) -> list[dict[str, str]]:
    """Return who is looked for, as the service knows them; an identifier that holds inside a tenant names it."""
    found: dict[str, dict[str, str]] = {}
    for one in wanted(dataset, identifiers):
        for value in one.values:
            told = {"name": one.way.at["name"], "value": value} | ({"tenant": one.tenant} if one.tenant else {})
            found[json.dumps(told)] = told
    return list(found.values())


def _is_of(dataset: Dataset, record: Record, tenants: set[str | None]) -> bool:
    if dataset.tenant_field is None or None in tenants:
        return True
    return any(one.lower() in tenants for one in strings_at(record, dataset.tenant_field))


CONNECTOR = HttpService
