"""Two customers with people of their own, what names each side alone, and a look at all that the bus held."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
from azure.core.exceptions import AzureError
from azure.servicebus.exceptions import ServiceBusError
from every_entity import EveryEntity
from person import Person as Visitor

from samples.people import Person, Tenant

_OWN = {"date", "server"}  # headers that say nothing of the answer


@dataclass
class Side:
    """A customer, its administrator and its users. `requests` are those its users made, `cases` those it decides."""

    tenant: Tenant
    administrator: Person
    people: tuple[Person, ...]
    visitor: Visitor
    requests: list[str] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)
    answers: list[httpx.Response] = field(default_factory=list)

    @property
    def at(self) -> str:
        """Where its administrators ask."""
        return f"/api/v1/tenants/{self.tenant.id}"

    @property
    def mailboxes(self) -> set[str]:
        """Where mail to its administrators goes."""
        return {f"privacy@{self.tenant.domain}", f"it@{self.tenant.domain}", self.administrator.email}

    @property
    def personal(self) -> set[str]:
        """What names its users and nobody of the other side, though they share an address."""
        return {value for one in self.people for value in (one.oid, one.upn, one.key("contact"), one.key("laptop"))}

    @property
    def marks(self) -> set[str]:
        """Whatever says that it is about this side."""
        its_own = {self.tenant.id, self.tenant.name, self.tenant.domain, self.administrator.oid}
        return {*its_own, *self.mailboxes, *self.personal, *self.requests, *self.cases}

    async def asks(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Let its administrator ask for something, and keep the answer."""
        answer = await self.visitor.call(method, path, **options)
        self.answers.append(answer)
        return answer


def found_in(text: str, marks: Iterable[str]) -> set[str]:
    """Which of these stand in a text, in any case."""
    lowered = text.lower()
    return {mark for mark in marks if mark.lower() in lowered}


def whole(answer: httpx.Response) -> str:
    """Everything that an answer says."""
    return f"{answer.status_code} {dict(answer.headers)} {answer.text}"


def comparable(answer: httpx.Response) -> tuple[int, dict[str, str], str]:
    """An answer but for its time and the number of the call."""
    headers = {name: value for name, value in answer.headers.items() if name not in _OWN}
    return answer.status_code, headers, re.sub(r"urn:uuid:[0-9a-f-]{36}", "urn:uuid:", answer.text)


@asynccontextmanager
async def everything_seen(told: dict[str, Any]) -> AsyncIterator[list[str]]:
    """Look at every entity of the bus again and again, and gather each message with its properties."""
    bus = EveryEntity(told)
    seen: dict[str, str] = {}
    looking = asyncio.create_task(_look(bus, seen))
    said: list[str] = []
    try:
        yield said
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
        await bus.close()
        said += seen.values()


async def _look(bus: EveryEntity, seen: dict[str, str]) -> None:
    while True:
        with suppress(ServiceBusError, AzureError):
            for dead in (False, True):
                for one in await bus.seen(dead=dead):
                    about = [one.entity, one.message.message_id, one.message.application_properties, one.said]
                    seen[f"{one.entity} {one.message.message_id}"] = str(about)
        await asyncio.sleep(0.02)
