"""Everything may come twice, late, or not at all: what a request ends in stays the same."""

import asyncio
import traceback
from datetime import timedelta
from typing import get_args

import pytest
from asking import answered, asked, code_of, datasets, happenings, in_state, manifest_of, now
from builders import MIRA, NOBODY, TOM, MemoryServices, bus_message, called, memory_services
from customers import customer, mixed_world, split
from pydantic import ValidationError

from shared.domain.dossier import Dossier
from shared.domain.errors import Conflict, NotFound, Permanent, Poison, StaleState, Transient
from shared.domain.request import Request
from shared.domain.service_task import TaskState
from shared.domain.states import State
from shared.messages.commands import AnyCommand
from shared.use_cases.withdraw_request import WithdrawRequestUseCase

KINDS = [kind.model_fields["kind"].default for kind in get_args(AnyCommand.__value__)]
KINDS.remove("advance_request")  # no command of a copy's life: see the tests of erasures
KINDS.remove("processing_changed")  # for services to hear: no function of ours takes it
LIFE = [
    "submitted",
    "notified",
    "identity_proven",
    "planned",
    "collected",
    "assembled",
    "notified",
]


async def lived(world) -> tuple[str, list[str], int]:
    """A whole life; returns the request's id, its history and how many mails it took."""
    request = await asked(world)
    await world.drain()
    await world.confirm_identity(request.id, code_of(world, request.id))
    await world.drain()
    return request.id, happenings(await world.requests.history(request.id)), len(world.mailer.sent)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_command_delivered_twice_is_done_once(kind):
    world = memory_services()
    twice = 0
    deliver = world.deliver

    async def doubled(command):
        nonlocal twice
        await deliver(command)
        if command.kind == kind:
            twice += 1
            await deliver(command)
            await deliver(command.model_copy(update={"attempt": command.attempt + 1}))

    world.deliver = doubled
    request_id, history, mails = await lived(world)
    assert twice
    assert (history, mails) == (LIFE, 2)
    assert datasets(await manifest_of(world, request_id))["tickets"] == "included"
    assert await world.fragments.names(request_id) == []


@pytest.mark.parametrize("kind", KINDS)
async def test_a_command_that_comes_again_after_the_end_changes_nothing(kind):
    world = memory_services()
    request_id, _, mails = await lived(world)
    before = await now(world, request_id)
    late = [sent.command for sent in world.bus.sent if sent.command.kind == kind]
    assert late
    for command in late:
        await world.deliver(command)
    await world.drain()
    assert await now(world, request_id) == before
    assert len(world.mailer.sent) == mails


class Unreachable:
    """A bus that fails at its nth sending."""

    def __init__(self, inner, fails_at: set[int]):
        self.inner, self.fails_at, self.sendings = inner, fails_at, 0

    def __getattr__(self, name):
        return getattr(self.inner, name)

    async def send(self, commands, delay=None):
        self.sendings += 1
        if self.sendings in self.fails_at:
            raise Transient("bus_unreachable")
        await self.inner.send(commands, delay)


async def healed(world, request_id: str, most: int = 12) -> State:
    """Sweep until the request has ended, proving it on the way."""
    for _ in range(most):
        await world.drain()
        request = await now(world, request_id)
        if request.state is State.IDENTITY_PENDING and world.mailer.sent:
            await world.confirm_identity(request_id, code_of(world, request_id))
        elif request.state.is_final and not (await world.requests.load(request_id)).open:
            break
        await world.sweep(minutes=4)
    return (await now(world, request_id)).state


@pytest.mark.parametrize("fails_at", range(1, 8))
async def test_a_crash_between_commit_and_send_is_healed_by_the_sweep(fails_at):
    world = memory_services()
    world.bus = Unreachable(world.bus, {fails_at})
    request = await asked(world)
    assert await healed(world, request.id) is State.COMPLETED
    assert world.bus.sendings >= fails_at
    assert happenings(await world.requests.history(request.id)) == LIFE
    assert len(world.mailer.sent) == 2


@pytest.mark.parametrize("emptied_after", range(7))
async def test_an_emptied_bus_is_refilled_by_the_sweep(emptied_after):
    world = memory_services()
    request = await asked(world)
    delivered, deliver = 0, world.deliver

    async def counting(command):
        nonlocal delivered
        if delivered >= emptied_after:
            delivered = -1000  # once only
            world.bus.waiting.clear()
            return
        delivered += 1
        await deliver(command)

    world.deliver = counting
    assert await healed(world, request.id) is State.COMPLETED
    assert delivered < 0
    assert happenings(await world.requests.history(request.id)) == LIFE


async def test_a_bus_that_is_emptied_every_time_only_delays():
    world = memory_services()
    request = await asked(world)
    for _ in range(40):
        request = await now(world, request.id)
        if request.state is State.IDENTITY_PENDING and world.mailer.sent:
            await world.confirm_identity(request.id, code_of(world, request.id))
        world.bus.waiting.clear()
        await world.sweep(minutes=4)
        for command in world.bus.deliver()[:1]:
            await world.deliver(command)
        if request.state.is_final:
            break
    assert (await now(world, request.id)).state is State.COMPLETED


async def test_a_crash_after_the_last_task_and_before_the_move_is_healed():
    world = memory_services()
    request = await in_state(world, State.COLLECTING)
    case = await world.requests.load(request.id)
    for task in case.tasks.values():
        done = task.row.model_copy(update={"state": TaskState.DONE, "ended_at": world.clock()})
        await world.requests.save_task(request.id, done, task.etag)
    world.bus.waiting.clear()
    await world.sweep(minutes=4)
    await world.drain()
    assert (await now(world, request.id)).state is State.COMPLETED


async def test_a_wait_whose_request_moves_meanwhile_is_put_off():
    world = memory_services()
    request = await in_state(world, State.COLLECTING)

    class Moving(type(world.requests)):
        async def commit(self, move):
            raise StaleState(move.request.id)

    rests = world.requests.__class__
    world.requests.__class__ = Moving
    assert await world.sweep(hours=2) == 1
    assert await world.sweep(minutes=4) == 0
    world.requests.__class__ = rests
    assert await world.sweep(minutes=4) == 1
    assert await healed(world, request.id) is State.PARTIALLY_COMPLETED


@pytest.mark.parametrize("error", [Transient("table_down"), ValueError("a row that cannot be read")])
async def test_one_request_that_cannot_be_looked_at_holds_up_no_other(error):
    world = memory_services()
    sick, well = await asked(world), await asked(world, TOM)
    world.bus.waiting.clear()
    load = world.requests.load

    async def sometimes(request_id):
        if request_id == sick.id:
            raise error
        return await load(request_id)

    world.requests.load = sometimes
    assert await world.sweep(minutes=4) == 1
    assert {str(command.request_id) for command in world.bus.deliver()} == {well.id}
    world.requests.load = load
    assert await world.sweep(minutes=4) == 2
    assert {str(command.request_id) for command in world.bus.deliver()} == {sick.id, well.id}


async def test_the_sweep_takes_the_oldest_first_and_no_more_than_its_time():
    world = memory_services(sweep_batch=2, sweep_for=timedelta(0))
    made = []
    for _ in range(3):
        made.append((await asked(world)).id)
        world.clock.advance(seconds=1)
    world.bus.waiting.clear()
    assert await world.sweep(minutes=4) == 2
    assert [str(command.request_id) for command in world.bus.deliver()] == made[:2]
    assert await world.sweep() == 1
    assert [str(command.request_id) for command in world.bus.deliver()] == made[2:]


async def test_the_sweep_goes_on_while_there_is_time():
    world = memory_services(sweep_batch=2)
    made = {(await asked(world)).id for _ in range(5)}
    world.bus.waiting.clear()
    assert await world.sweep(minutes=4) == 5
    assert {str(command.request_id) for command in world.bus.deliver()} == made


async def test_a_request_that_ended_is_looked_at_no_more():
    world = memory_services()
    request = await answered(world)
    for _ in range(30):
        await world.sweep(days=1)
        await world.drain()
    assert await world.sweep(days=365) == 0
    assert (await now(world, request.id)).state is State.COMPLETED


async def test_reissued_commands_get_ids_of_their_own():
    world = memory_services()
    await asked(world)
    for _ in range(3):
        world.bus.waiting.clear()
        await world.sweep(minutes=4)
    ids = [sent.command.message_id for sent in world.bus.sent]
    assert len(ids) == 4
    assert len(set(ids)) == 4
    assert len({sent.command.key for sent in world.bus.sent}) == 1


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"canary", id="no JSON"),
        pytest.param(b"[]", id="no object"),
        pytest.param(b'{"kind": "send_notice", "request_id": "canary"}', id="another kind"),
        pytest.param(b'{"request_id": "canary"}', id="no id"),
        pytest.param(
            b'{"request_id": "00000000-0000-4000-8000-00000000dead", "schema_version": 2}', id="from the future"
        ),
        pytest.param(b'{"request_id": "00000000-0000-4000-8000-00000000dead"}', id="no such request"),
        pytest.param(b"\xff\xfe", id="no text"),
    ],
)
async def test_a_message_that_can_never_be_done_is_raised_without_its_content(body):
    memory_services()
    with pytest.raises(Poison) as poison:
        await called("request_plan", bus_message(body))
    assert "canary" not in str(poison.value)
    assert poison.value.__cause__ is None


@pytest.mark.parametrize("error", [ValueError("canary@contoso.example"), Permanent("seal_broken")], ids=repr)
async def test_what_nobody_expected_is_raised_by_its_kind_and_place_without_its_words(error):
    world = memory_services()
    await in_state(world, State.RECEIVED)
    (command,) = world.bus.deliver()

    async def fails(*_):
        raise error

    world.keys.of = fails
    with pytest.raises(Poison, match=type(error).__name__) as raised:
        await world.deliver(command)
    told = "".join(traceback.format_exception(raised.value))
    assert "canary" not in told
    assert ("seal_broken" in told) == isinstance(error, Permanent)
    assert "test_healing.py" in str(raised.value)


def test_a_dossier_that_cannot_be_read_is_not_repeated():
    with pytest.raises(ValidationError) as refused:
        Dossier.model_validate_json('{"email": ["canary"], "people": [[{"kind": "email", "value": ["canary"]}]]}')
    assert "canary" not in str(refused.value)


async def test_work_that_fails_for_now_is_put_back_later_and_later_and_then_left_to_the_sweep():
    world = memory_services()
    await in_state(world, State.RECEIVED)
    (command,) = world.bus.deliver()

    async def down(*_):
        raise Transient("table_down")

    delays = []
    load, world.requests.load = world.requests.load, down
    for _ in range(12):
        await world.deliver(command)
        if not world.bus.waiting:
            break
        (sent,) = world.bus.waiting
        world.bus.waiting.clear()
        assert sent.command.attempt == command.attempt + 1
        assert (sent.command.key, sent.command.reissue) == (command.key, command.reissue)
        delays.append(sent.delay.total_seconds())
        command = sent.command
    assert 1 <= delays[0] <= 2
    assert all(2**n <= delay <= 2 ** (n + 1) for n, delay in enumerate(delays))
    assert 5 <= len(delays) <= 7
    assert max(delays) <= 90
    world.requests.load = load
    await world.sweep(minutes=4)
    (again,) = world.bus.deliver()
    assert (again.key, again.attempt) == (command.key, 1)


async def test_a_service_that_says_when_to_come_back_is_waited_for():
    world = memory_services()
    await in_state(world, State.RECEIVED)
    (command,) = world.bus.deliver()

    async def throttled(*_):
        raise Transient("throttled", retry_after=1234)

    world.requests.load = throttled
    await world.deliver(command)
    assert world.bus.waiting[0].delay.total_seconds() == 1234


async def test_a_service_that_names_a_time_for_ever_piles_up_no_retries():
    world = memory_services()
    request = await in_state(world, State.COLLECTING)

    async def throttled(*_):
        raise Transient("throttled", retry_after=1234)

    world.requests.read_task = throttled
    waiting = []
    for _ in range(10):
        for command in world.bus.deliver():
            await world.deliver(command)
        waiting.append(len(world.bus.waiting))
        await world.sweep(minutes=3)
    assert (await now(world, request.id)).state is State.COLLECTING
    assert max(waiting) == waiting[0] > 0


async def test_a_put_back_that_fails_itself_is_raised():
    world = memory_services()
    await in_state(world, State.RECEIVED)
    (command,) = world.bus.deliver()

    async def down(*_):
        raise Transient("down")

    world.requests.load = down
    world.bus.send = down
    with pytest.raises(Transient):
        await world.deliver(command)


# What an erasure adds to these is withdrawn, or no longer, in tests of its own.
OF_A_COPY = [state for state in State if state.public != "in_progress"] + [State.COLLECTING, State.ASSEMBLING]


async def held_in(state: State) -> tuple[MemoryServices, Request]:
    """A request in any state, in the world that it takes: some wait for others than Mira and us."""
    if state not in {State.DOUBTED, State.FORWARDED, State.UNANSWERED}:
        world = memory_services()
        return world, await in_state(world, state)
    if state is State.DOUBTED:
        world = memory_services()
        request = await in_state(world, State.COLLECTING)
        secret = world.references.stop_secret(request.id)
        return world, await world.stopping_requests(NOBODY, request.id, secret)
    world = mixed_world()
    await world.tenants.write(customer(), None)
    _, [case] = await split(world)
    for _ in range(8 if state is State.UNANSWERED else 2):  # by then the package of what is ours has expired
        await world.sweep(days=4)
        await world.drain()
    return world, await now(world, case.id)


@pytest.mark.parametrize("state", OF_A_COPY)
async def test_a_request_can_be_withdrawn_until_it_was_answered(state):
    world, request = await held_in(state)
    assert request.state is state
    withdraw: WithdrawRequestUseCase = world.withdraw_request
    if state.is_final:
        with pytest.raises(Conflict, match=f"not_while_{state.public}"):
            await withdraw(MIRA.caller(), request.id)
        assert (await now(world, request.id)).state is state
        return
    after = await withdraw(MIRA.caller(), request.id)
    assert (after.state, after.reason) == (State.WITHDRAWN, "withdrawn")
    assert {part.state for part in after.parts} == {State.WITHDRAWN}
    await world.drain()
    assert (await now(world, request.id)).state is State.WITHDRAWN
    assert "withdrawn" in world.mailer.sent[-1].subject.lower() + world.mailer.sent[-1].text.lower()
    for _ in range(8):
        await world.sweep(minutes=4)
        await world.drain()
    assert await world.fragments.names(request.id) == []
    assert await world.packages.names(request.id) == []
    assert await world.sweep(days=30) == 0


async def test_a_mailbox_that_refuses_mail_is_not_tried_for_ever_and_an_operator_sees_it():
    world = memory_services()
    tried = []

    async def refused(mail):
        tried.append(mail)
        raise Permanent("mail_refused_550")

    world.mailer.send = refused
    request = await asked(world)
    await world.drain()
    for _ in range(5):
        await world.sweep(minutes=4)
        await world.drain()
    assert len(tried) == 1
    assert happenings(await world.requests.history(request.id)) == ["submitted", "mail_refused"]
    await world.sweep(days=8)
    await world.drain()
    for _ in range(5):
        await world.sweep(minutes=4)
        await world.drain()
    assert len(tried) == 2
    after = await now(world, request.id)
    assert (after.state, after.attention) == (State.IDENTITY_PENDING, ("mail_refused", "proof_lapsed"))
    for _ in range(3):
        await world.sweep(days=1)
        await world.drain()
    assert len(tried) == 2


async def test_a_request_withdrawn_while_a_task_writes_leaves_nothing():
    world = memory_services()
    request = await in_state(world, State.COLLECTING)
    put, fired = world.fragments.put, []

    async def withdrawn_meanwhile(name, data):
        if not fired:
            fired.append(name)
            await world.withdraw_request(MIRA.caller(), request.id)
            await asyncio.gather(*(world.deliver(command) for command in world.bus.deliver()))
            assert await world.sweep(minutes=4) == 1
        await put(name, data)

    world.fragments.put = withdrawn_meanwhile
    await world.drain()
    assert fired
    assert (await now(world, request.id)).state is State.WITHDRAWN
    assert await world.fragments.names(request.id) != []
    await world.sweep(minutes=12)
    assert await world.fragments.names(request.id) == []


async def test_a_request_withdrawn_while_its_package_is_written_has_no_package():
    world = memory_services()
    request = await in_state(world, State.ASSEMBLING)
    put = world.packages.put

    async def withdrawn_meanwhile(name, data):
        await world.withdraw_request(MIRA.caller(), request.id)
        await put(name, data)

    world.packages.put = withdrawn_meanwhile
    await world.drain()
    after = await now(world, request.id)
    assert (after.state, after.export.size) == (State.WITHDRAWN, None)
    with pytest.raises(NotFound):
        await world.deliver_export.look(after.export.id)
    await world.sweep(minutes=16)
    assert await world.packages.names(request.id) == []
    assert await world.fragments.names(request.id) == []
