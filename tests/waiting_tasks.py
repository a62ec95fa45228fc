"""A task whose vendor has the work, in a request of its own."""

from datetime import timedelta

from builders import MIRA

from shared.domain.dossier import Dossier
from shared.domain.request import Entry, Line, Part, Request
from shared.domain.service_task import ServiceTask, TaskState, Work
from shared.domain.states import Happening, State
from shared.ports.requests import Move

REQUEST = "3f2b8c1e-0000-4000-8000-000000000001"
KEY = "erase-0.0.vendor"
TASK = f"{REQUEST}.{KEY}"


async def waiting(world, state=TaskState.WAITING, request_state=State.ERASING, **task):
    """A request whose erasure waits for a vendor."""
    seal = await world.keys.create(REQUEST)
    now = world.clock()
    line = Line(happening=Happening.SUBMITTED, at=now, before=None, after=request_state)
    request = Request(
        id=REQUEST,
        state=request_state,
        parts=(Part(right="erasure", state=request_state),),
        language="en",
        channel="api",
        signed_in=False,
        received_at=now,
        due_at=now + timedelta(days=30),
        body_hash="",
        dossier=seal.lock(Dossier(email=MIRA.email).model_dump_json().encode()),
        stage="erase-0",
    )
    entry = Entry.chained("", 1, line)
    await world.requests.create(request, entry, [])
    etag = (await world.requests.read(REQUEST)).etag
    given = {
        "stage": "erase-0",
        "part": 0,
        "service": "vendor",
        "work": Work.ERASE,
        "lane": "vendor",
        "state": state,
        "chunk": 3,
        "due_at": now + timedelta(days=20),
        "look_at": now + timedelta(days=1),
    }
    made = ServiceTask.model_validate(given | task)
    second = Entry.chained(entry.hash, 2, line)
    await world.requests.commit(Move(etag=etag, request=request, entry=second, tasks=[made]))
    return world


async def task_of(world):
    _, task = await world.requests.read_task(REQUEST, KEY)
    return task.row
