"""Tasks of services that listen to their own lane: whose a task is, and whether it is still to be done."""

from dataclasses import dataclass

from shared.domain.data_map import Service
from shared.domain.errors import Gone, NotFound
from shared.domain.request import Request
from shared.domain.service_task import ServiceTask, TaskState
from shared.domain.task_name import parse_task_id
from shared.ports.requests import RequestStore, Versioned
from shared.ports.world import Maps
from shared.use_cases.caller import Caller, require_service
from shared.use_cases.halt_erasure import HaltErasure
from shared.use_cases.take_answer import TIME_LIMIT

CLIENT = "client"  # the setting of a service in the data map that names its managed identity


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneTask:
    """One task as read, with the service that asks for it and the client id it asks as."""

    request: Versioned[Request]
    task: Versioned[ServiceTask]
    service: Service
    client: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneTasks:
    """Finds a service's own tasks. Another service's answers like one that does not exist."""

    requests: RequestStore
    maps: Maps
    halt: HaltErasure
    home_tenant: str

    async def read(self, caller: Caller, task_id: str) -> LaneTask:
        """Read the task that a service names.

        Raises:
            NotSignedIn, NotAllowed: the caller is no service of ours.
            NotFound: there is no such task, or it is another service's.
            Gone: `task_ended`, what is left of it is ours to do.
        """
        client = require_service(caller, self.home_tenant)
        request_id, key = parse_task_id(task_id)
        request, task = await self.requests.read_task(request_id, key)
        service = self.maps.current().service(task.row.service)
        if service is None or service.settings.get(CLIENT) != client:
            raise NotFound
        if task.row.lane != service.lane:
            raise Gone("task_ended")  # Its upload is taken in by us, or what a review lets through is put in place.
        return LaneTask(request=request, task=task, service=service, client=client)


def is_open(task: ServiceTask) -> bool:
    """Tell whether its service may still do it: also one that took too long, until an operator has closed the task."""
    overdue = task.state is TaskState.MANUAL and task.reason == TIME_LIMIT
    return (overdue or task.state in {TaskState.PENDING, TaskState.WAITING}) and task.answer is None


def must_be_running(request: Request, task: ServiceTask) -> None:
    """Refuse a task that is not open, or whose request is in another stage by now.

    Raises:
        Gone: `task_ended`.
    """
    if not is_open(task) or request.stage != task.stage or request.state.is_final:
        raise Gone("task_ended")
