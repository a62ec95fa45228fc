"""Requests brought to where a test begins."""

import io
import json
import zipfile
from typing import Any

from builders import HOME, MIRA, NOBODY, MemoryServices, Person

from shared.domain.request import Request, RequestId
from shared.domain.states import State
from shared.messages.inputs import SubmitRequest
from shared.ports.world import Principal
from shared.use_cases.caller import Caller


async def asked(
    world: MemoryServices,
    person: Person = MIRA,
    *,
    signed_in: bool = False,
    email: bool = True,
    rights: tuple[str, ...] = ("access",),
    details: dict[str, Any] | None = None,
    key: str | None = None,
    caller: Caller | None = None,
) -> Request:
    """A request as it was received; its first command is on the bus."""
    submitted = SubmitRequest(rights=rights, details=details or {}, email=person.email if email else None)
    caller = caller or (person.caller() if signed_in else NOBODY)
    return await world.submit(submitted, caller, "en", "api", submitted.model_dump_json().encode(), key)


async def proven(world: MemoryServices, person: Person = MIRA, **how: Any) -> Request:
    """A request whose address was proven; its planning is on the bus."""
    request = await asked(world, person, **how)
    await world.drain()
    await world.confirm_identity(request.id, code_of(world, request.id))
    return await now(world, request.id)


async def answered(world: MemoryServices, person: Person = MIRA, **how: Any) -> Request:
    """A request with its package, everything delivered."""
    request = await proven(world, person, **how)
    await world.drain()
    return await now(world, request.id)


async def in_state(world: MemoryServices, state: State) -> Request:
    """A request of Mira, signed in with an address, in any state, with the commands of that moment on the bus."""
    if state is State.PARTIALLY_COMPLETED:
        del world.store.drawers["memory", "tickets"]
    request = await asked(world, signed_in=True)
    await world.drain()
    if state is State.IDENTITY_PENDING:
        return await now(world, request.id)
    if state is State.REFUSED:
        await world.sweep(days=8)
        for number, confirm in ((1, False), (2, True)):
            await world.ending_unproven(operator(number), [request.id], confirm=confirm)
        return await now(world, request.id)
    if state is State.JOINED:
        first = await asked(world, signed_in=True)
        await world.confirm_identity(first.id, code_of(world, first.id))
        [plan] = [one for one in world.bus.deliver() if one.kind == "plan_request"]
        await world.deliver(plan)
    await world.confirm_identity(request.id, code_of(world, request.id))
    if state is State.CLARIFYING:
        return await world.clarifying.ask(operator(1), request.id, "Which of your mailboxes do you mean?")
    if state is State.WITHDRAWN:
        await world.withdraw_request(MIRA.caller(), request.id)
    while (request := await now(world, request.id)).state is not state:
        commands = world.bus.deliver()
        assert commands, f"never {state}"
        for command in commands:
            await world.deliver(command)
    return request


async def now(world: MemoryServices, request_id: str) -> Request:
    return (await world.requests.read(RequestId(request_id))).row


def operator(number: int, *roles: str) -> Caller:
    """One of several operators of ours, with more roles where they are named."""
    object_id = f"00000000-0000-4000-8000-0000000a000{number}"
    principal = Principal(tenant=HOME, object_id=object_id, roles=frozenset({"Privacy.Operator", *roles}), app=None)
    return Caller(network="n-1", principal=principal)


def code_of(world: MemoryServices, request_id: str, issue: int = 1) -> str:
    return world.references.code(RequestId(request_id), issue)


def happenings(entries: Any) -> list[str]:
    return [entry.happening.value for entry in entries]


async def package_of(world: MemoryServices, request_id: str) -> bytes:
    name = f"{request_id}/package.zip"
    return await world.packages.read(name, 0, await world.packages.size(name) or 0)


async def opened(world: MemoryServices, request_id: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(await package_of(world, request_id)))


async def manifest_of(world: MemoryServices, request_id: str) -> dict[str, Any]:
    with await opened(world, request_id) as package:
        manifest: dict[str, Any] = json.loads(package.read("manifest.json"))
        return manifest


def datasets(manifest: dict[str, Any]) -> dict[str, str]:
    return {one["id"]: one["state"] for one in manifest["datasets"]}
