"""Mail that came back: told again to another address where there is one, and seen by an operator either way."""

from uuid import UUID

import pytest
from asking import answered, happenings, now
from builders import MIRA, NOBODY, TOM, Caller, memory_services, put, user_row
from deciding_world import FIRST, waiting

from shared.domain.errors import NotAllowed, NotSignedIn
from shared.messages.decision_inputs import MailEvent
from shared.ports.world import Principal

RELAY = Caller(
    network="n-1",
    principal=Principal(
        tenant=FIRST.principal.tenant,
        object_id="00000000-0000-4000-8000-00000000be11",
        roles=frozenset({"Privacy.Service"}),
        app="00000000-0000-4000-8000-00000000be12",
    ),
)


def report(mail_id, recipient, status="Bounced", kind="Microsoft.Communication.EmailDeliveryReportReceived"):
    return MailEvent.model_validate(
        {
            "id": "1",
            "eventType": kind,
            "subject": "sender/x/message/y",
            "data": {"messageId": str(mail_id), "recipient": recipient, "status": status, "sender": "x"},
        }
    )


async def test_a_bounced_answer_is_open_again_and_an_operator_sees_it():
    world = memory_services()
    request = await answered(world)
    mail = world.mailer.sent[-1]
    assert await world.noting_bounces(RELAY, [report(mail.key, mail.to)]) == 1
    after = await now(world, request.id)
    assert after.attention == ("mail_bounced",)
    [again] = (await world.requests.load(request.id)).open.values()
    assert again.notice == "answered"
    newest = (await world.requests.history(request.id))[-1]
    assert (newest.happening.value, newest.about) == ("mail_refused", "answered")


async def test_it_is_told_to_another_address_on_record_under_another_id():
    world = memory_services()
    world.store.drawers["memory", "users"].rows.clear()
    second = "mira.private@example.org"
    put(world.store, "users", user_row(MIRA), user_row(MIRA, mail=second))
    request = await waiting(world, "access")
    await world.drain()
    mail = next(one for one in reversed(world.mailer.sent) if one.to == MIRA.email)
    sent = len(world.mailer.sent)
    assert await world.noting_bounces(RELAY, [report(mail.key, MIRA.email)]) == 1
    await world.drain()
    again = world.mailer.sent[sent]
    assert again.to == second
    assert again.key != mail.key
    assert MIRA.email not in (await world.dossiers.of(await now(world, request.id))).address


async def test_where_no_other_address_is_known_an_operator_is_left_with_it():
    world = memory_services()
    request = await answered(world)
    mail = world.mailer.sent[-1]
    sent = len(world.mailer.sent)
    await world.noting_bounces(RELAY, [report(mail.key, mail.to)])
    await world.drain()
    after = await now(world, request.id)
    assert len(world.mailer.sent) == sent
    assert after.attention == ("mail_bounced", "no_address")
    assert (await world.requests.load(request.id)).open == {}


async def test_a_report_that_comes_twice_counts_once():
    world = memory_services()
    request = await answered(world)
    mail = world.mailer.sent[-1]
    for _ in range(3):
        await world.noting_bounces(RELAY, [report(mail.key, mail.to)])
        await world.drain()
    assert happenings(await world.requests.history(request.id)).count("mail_refused") == 1


@pytest.mark.parametrize("status", ["Bounced", "Failed", "Suppressed", "Quarantined", "FilteredSpam"])
async def test_whatever_kept_a_mail_from_its_reader_counts(status):
    world = memory_services()
    await answered(world)
    mail = world.mailer.sent[-1]
    assert await world.noting_bounces(RELAY, [report(mail.key, mail.to, status)]) == 1


async def test_what_is_not_a_failed_mail_of_ours_changes_nothing():
    world = memory_services()
    request = await answered(world)
    code, mail = world.mailer.sent[0], world.mailer.sent[-1]
    before = await now(world, request.id)
    events = [
        report(mail.key, mail.to, "Delivered"),
        report(mail.key, mail.to, kind="Microsoft.EventGrid.Other"),
        report(mail.key, TOM.email),
        report(mail.key, "not an address"),
        report("not an id", mail.to),
        report(UUID(int=1), mail.to),
        report(code.key, mail.to),
    ]
    assert await world.noting_bounces(RELAY, events) == 0
    assert await now(world, request.id) == before


async def test_a_bounce_names_the_one_request_whose_mail_it_was():
    world = memory_services()
    first = await answered(world)
    mail = world.mailer.sent[-1]
    second = await answered(world)
    await world.noting_bounces(RELAY, [report(mail.key, mail.to)])
    assert (await now(world, first.id)).attention == ("mail_bounced",)
    assert (await now(world, second.id)).attention == ()


@pytest.mark.parametrize(("caller", "error"), [(NOBODY, NotSignedIn), (FIRST, NotAllowed)])
async def test_services_of_ours_alone_report(caller, error):
    world = memory_services()
    with pytest.raises(error):
        await world.noting_bounces(caller, [])
