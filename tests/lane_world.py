"""The service over memory with one service in it that listens to its own lane, played by the test."""

from datetime import timedelta
from typing import Any

from builders import (
    FABRIKAM,
    HOME,
    MIRA,
    FixedMaps,
    MemoryServices,
    Person,
    data_map,
    dataset,
    memory_services,
    service,
    standard_services,
)

from shared.connectors.lane_service import LaneService
from shared.domain.request import RequestId
from shared.messages.commands import RunServiceTask
from shared.messages.inputs import SubmitRequest, TaskOutcome
from shared.ports.world import Principal
from shared.use_cases.caller import Caller

CLIENT, OTHER_CLIENT = "cccccccc-0000-4000-8000-0000000000c1", "cccccccc-0000-4000-8000-0000000000c2"
LANE = "telemetry"


def service_caller(client: str = CLIENT, tenant: str = HOME, role: str = "Privacy.Service") -> Caller:
    roles = frozenset({role})
    return Caller(network="n-2", principal=Principal(tenant=tenant, object_id=client, roles=roles, app=client))


SERVICE = service_caller()
TWIN = Person(
    given="Mira",
    surname="Kovač",
    email=MIRA.email,
    tenant=FABRIKAM,
    object_id="dddddddd-0000-4000-8000-00000000000d",
)


def known(identifier: str) -> dict[str, Any]:
    return {"identifier": identifier, "how": "identifier"}


def services() -> list[dict[str, Any]]:
    own = {"connector": "lane_service", "settings": {"client": CLIENT}, "lane": LANE}
    another = {"connector": "lane_service", "settings": {"client": OTHER_CLIENT}, "lane": "labs"}
    return [
        *standard_services(),
        service(
            "telemetry",
            dataset("events", settings={}, fields=["oid", "page"], found_by=[known("entra_object_id")]),
            dataset("opens", settings={}, tenancy="none", fields=["email"], found_by=[known("email")]),
            dataset("crashes", settings={}, tenancy="none", fields=["text"], found_by=[known("contact_id")]),
            **own,
        ),
        service("labs", dataset("trials", settings={}, fields=["oid"], found_by=[known("entra_object_id")]), **another),
    ]


def lane_world(**overrides: Any) -> MemoryServices:
    """A world without time to think, whose plan may be run at once."""
    world = memory_services(**{"cooling_off": timedelta(0), "maps": FixedMaps(data_map(services()))} | overrides)
    world.connectors = {**world.connectors, "lane_service": LaneService()}
    return world


async def lane_messages(world: MemoryServices, lane: str = LANE) -> list[RunServiceTask]:
    """Deliver everything but what services with a lane of their own get; return what came on one such lane."""
    kept: list[RunServiceTask] = []
    while commands := world.bus.deliver():
        for one in commands:
            if isinstance(one, RunServiceTask) and one.lane in {LANE, "labs"}:
                kept.append(one)
            else:
                await world.deliver(one)
    return [one for one in kept if one.lane == lane]


async def ask(world: MemoryServices, *rights: str, signed_in: bool = True) -> RequestId:
    """A request of Mira, proven."""
    submitted = SubmitRequest(rights=rights, email=MIRA.email)
    caller = MIRA.caller() if signed_in else Caller(network="n-1")
    request = await world.submit(submitted, caller, "en", "api", submitted.model_dump_json().encode(), None)
    await lane_messages(world)
    await world.confirm_identity(request.id, world.references.code(request.id, 1))
    return request.id


async def first_task(world: MemoryServices, *rights: str) -> RunServiceTask:
    """The first thing that the service hears of a request."""
    await ask(world, *rights)
    (message,) = await lane_messages(world)
    return message


def done(**counts: int) -> TaskOutcome:
    """An outcome of everything asked for, none of it left."""
    told = [{"id": name, "count": count, "remaining": 0, "method": "rows deleted"} for name, count in counts.items()]
    return TaskOutcome.model_validate({"status": "done", "datasets": told})


def failed(code: str | None = None, **counts: int) -> TaskOutcome:
    told = [{"id": name, "count": count, "remaining": count} for name, count in counts.items()]
    return TaskOutcome.model_validate({"status": "failed", "code": code, "datasets": told})


EVERYTHING = {"events": 3, "opens": 0}


async def erasing_task(world: MemoryServices, **counts: int) -> RunServiceTask:
    """The task to erase, after a dry run that found this much."""
    survey = await first_task(world, "erasure")
    await world.answer_task(SERVICE, survey.task_id, done(**EVERYTHING | counts))
    await end_labs(world, RequestId(str(survey.request_id)), "survey1.0.labs", trials=0)
    (message,) = await lane_messages(world)
    assert message.task.startswith("erase")
    return message


async def end_labs(world: MemoryServices, request_id: RequestId, task: str, **counts: int) -> None:
    """Let the other service do its share."""
    await world.answer_task(service_caller(OTHER_CLIENT), f"{request_id}.{task}", done(**counts))
