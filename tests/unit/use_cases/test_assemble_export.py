"""The package: every byte decided by what is on record, however often and in however many steps it is made."""

import asyncio
import hashlib
import random
from dataclasses import replace
from datetime import timedelta

import pytest
from asking import answered, code_of, happenings, in_state, manifest_of, now, opened, package_of, proven
from builders import MIRA, memory_services, put_file

from shared.domain.errors import Poison
from shared.domain.states import State
from shared.use_cases import assemble_export

MIB = 1024 * 1024


def stocked(files: int = 3, size: int = 700_001):
    world = memory_services()
    noise = random.Random(7)
    for n in range(files):
        put_file(world.store, "calls", {"by": MIRA.email}, f"call {n}", noise.randbytes(size), "audio/wav")
    return world


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(assemble_export, "BLOCK", 64 * 1024)


async def must_hold_what_it_says(world, request_id: str) -> None:
    manifest = await manifest_of(world, request_id)
    listed = {one["path"]: one for one in manifest["files"]}
    with await opened(world, request_id) as package:
        assert package.testzip() is None
        assert sorted([*listed, "manifest.json"]) == sorted(package.namelist())
        for path, one in listed.items():
            data = package.read(path)
            assert (len(data), hashlib.sha256(data).hexdigest()) == (one["size"], one["sha256"]), path


async def test_a_small_package_holds_what_its_manifest_says():
    world = memory_services()
    request = await answered(world, signed_in=True)
    await must_hold_what_it_says(world, request.id)
    with await opened(world, request.id) as package:
        assert package.namelist()[-3:] == ["article15.json", "index.html", "manifest.json"]
    assert request.export.size == len(await package_of(world, request.id))
    assert request.export.expires_at == world.clock() + timedelta(days=7)


async def test_a_package_of_several_blocks_holds_what_its_manifest_says():
    world = stocked(files=3, size=3 * MIB)
    request = await answered(world)
    assert request.export.size > 9 * MIB
    await must_hold_what_it_says(world, request.id)


async def test_steps_crashes_and_repeats_make_the_same_bytes(small_blocks, monkeypatch):
    at_once = stocked()
    expected = await package_of(at_once, (await answered(at_once)).id)

    in_steps = stocked()
    in_steps.assemble_export = replace(in_steps.assemble_export, step_for=timedelta(0))
    request = await answered(in_steps)
    assert await package_of(in_steps, request.id) == expected
    assert happenings(await in_steps.requests.history(request.id)).count("assembly_advanced") >= 5

    repeated = stocked()
    repeated.assemble_export = replace(repeated.assemble_export, step_for=timedelta(0))
    deliver = repeated.deliver

    async def twice(command):
        await deliver(command)
        await deliver(command)

    repeated.deliver = twice
    assert await package_of(repeated, (await answered(repeated)).id) == expected

    monkeypatch.setattr(assemble_export, "BLOCK", 16 * MIB)
    in_one_write = stocked()
    assert await package_of(in_one_write, (await answered(in_one_write)).id) == expected


async def test_two_assemblies_at_once_end_in_one_package_and_one_notice(small_blocks):
    world = stocked()
    request = await in_state(world, State.ASSEMBLING)
    (command,) = world.bus.deliver()
    await asyncio.gather(world.deliver(command), world.deliver(command), return_exceptions=True)
    await world.drain()
    history = happenings(await world.requests.history(request.id))
    assert history.count("assembled") == 1
    await must_hold_what_it_says(world, request.id)
    assert [sent.command.kind for sent in world.bus.sent].count("send_notice") == 1


async def test_blocks_that_were_lost_are_staged_again(small_blocks):
    world = stocked()
    world.assemble_export = replace(world.assemble_export, step_for=timedelta(0))
    request = await in_state(world, State.ASSEMBLING)
    while (await now(world, request.id)).export.next_block < 8:
        for command in world.bus.deliver():
            await world.deliver(command)
    await world.packages.delete([f"{request.id}/package.zip"])
    await world.drain()
    assert (await now(world, request.id)).state is State.COMPLETED
    await must_hold_what_it_says(world, request.id)


async def test_a_crash_after_the_package_and_before_its_record_ends_in_the_same_package(small_blocks):
    world = stocked()
    request = await in_state(world, State.ASSEMBLING)
    (command,) = world.bus.deliver()
    add, failed = world.exports.add, []

    async def crash(*given):
        if not failed:
            failed.append(given)
            raise ConnectionError
        await add(*given)

    world.exports.add = crash
    with pytest.raises(Poison, match="ConnectionError"):
        await world.deliver(command)
    written = await package_of(world, request.id)
    assert written
    await world.sweep(minutes=4)
    await world.drain()
    assert (await now(world, request.id)).state is State.COMPLETED
    assert await package_of(world, request.id) == written


async def test_fragments_go_once_the_package_is_there_and_never_before():
    world = memory_services()
    request = await in_state(world, State.ASSEMBLING)
    assert await world.fragments.names(request.id) != []
    await world.drain()
    assert await world.fragments.names(request.id) == []


async def test_an_answer_mails_a_link_whose_secret_stands_nowhere_else():
    world = memory_services()
    request = await answered(world)
    secret = world.references.link_secret(request.id, 1)
    answer = world.mailer.sent[-1]
    assert answer.to == MIRA.email
    assert f"/api/v1/exports/{request.export.id}?language=en#{secret}" in answer.text
    kept = (await now(world, request.id)).model_dump_json(exclude={"dossier"}) + repr(world.bus.sent)
    for hidden in (secret, world.references.typed_secret(request.id, 1), code_of(world, request.id)):
        assert hidden not in kept


async def test_no_command_ever_says_who_it_is_about():
    world = stocked()
    await proven(world, signed_in=True)
    await world.drain()
    told = "".join(sent.command.model_dump_json() for sent in world.bus.sent)
    assert len({sent.command.kind for sent in world.bus.sent}) == 5
    for personal in (MIRA.email, MIRA.object_id, MIRA.tenant, MIRA.surname, "c-aaaa"):
        assert personal not in told
