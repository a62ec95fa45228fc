"""Notices: what each tells of the case as it stands, once, and on record by the hash of its words."""

import hashlib
import re
from datetime import timedelta

import pytest
from asking import answered, asked, code_of, happenings, now, proven
from builders import MIRA, FixedMaps, by, data_map, dataset, memory_services, put, service, standard_services, text

from shared.domain.errors import Permanent
from shared.domain.states import State
from shared.messages.commands import SendNotice

ERASURE, BOTH = ("erasure",), ("access", "erasure")
RETAINED = {"action": "retain", "exemption": {"ground": "17-3-b", "source": text("Tax law"), "years": 7}}


def keeping_invoices(world):
    """A map with backups, one dataset that the law keeps, and one of Mira's invoices."""
    invoices = dataset("invoices", tenancy="none", fields=["to"], found_by=[by("email", "to")], erasure=RETAINED)
    copies = [{"kind": "backup", "kept_for": "P35D"}]
    services = [one | {"copies": copies} for one in standard_services()]
    world.maps = FixedMaps(data_map([*services, service("billing", invoices)]))
    put(world.store, "invoices", {"to": MIRA.email})


def told(mail):
    return " ".join(mail.text.split())


async def cooled_off(world, request):
    await world.sweep(seconds=world.settings.cooling_off.total_seconds())
    await world.drain()
    return await now(world, request.id)


@pytest.mark.parametrize("rights", [("access",), ERASURE, BOTH])
async def test_what_was_told_is_on_record_by_the_hash_of_its_words_and_told_once(rights):
    world = memory_services()
    request = await answered(world, rights=rights)
    (mail,) = world.mailer.sent[1:]
    (record,) = request.told
    assert record.notice == {ERASURE: "planned"}.get(rights, "answered")
    assert (record.at, record.language) == (world.clock(), "en")
    assert record.text_hash == hashlib.sha256(mail.text.encode()).hexdigest()
    await world.deliver(SendNotice(request_id=request.id, notice=record.notice))
    assert world.mailer.sent[1:] == [mail]
    assert (await now(world, request.id)).told == (record,)
    noted = [one for one in await world.requests.history(request.id) if one.about == record.notice]
    assert happenings(noted) == ["notified"]


async def test_what_no_mailbox_took_was_not_told():
    world = memory_services()
    request = await proven(world, rights=ERASURE)

    async def refused(_):
        raise Permanent("mail_refused_550")

    world.mailer.send = refused
    await world.drain()
    after = await now(world, request.id)
    assert after.told == ()
    assert "mail_refused" in after.attention


async def test_the_plan_is_told_in_kinds_of_data_with_the_end_of_the_time_to_think():
    world = memory_services()
    keeping_invoices(world)
    request = await answered(world, rights=ERASURE)
    plan = (await world.requests.load(request.id)).plan
    there = {one.dataset for one in plan.decisions if one.count and one.dataset != "invoices"}
    assert len(there) > 1
    mail = told(world.mailer.sent[-1])
    assert f"We delete: {len(there)}" in mail
    assert re.search(r"We keep, [^:]*: 1 ", mail)
    assert "anonymous" not in mail
    until = world.clock() + world.settings.cooling_off
    assert request.erasure.cooling_off_until == until
    assert f"{until:%-d %B %Y}" in mail


async def test_a_copy_before_an_erasure_says_when_the_erasure_starts_and_the_reminder_says_so_again():
    world = memory_services()
    request = await answered(world, rights=BOTH)
    starts = world.erasure_rules.starts_at(request)
    assert f"{starts:%-d %B %Y}" in told(world.mailer.sent[-1])
    await world.sweep(seconds=world.settings.package_reminder_after.total_seconds())
    await world.drain()
    after = await now(world, request.id)
    assert (after.state, after.told[-1].notice) == (State.HANDED_OVER, "reminder")
    mail = world.mailer.sent[-1]
    assert world.references.link_secret(request.id, 1) in mail.text
    assert f"{world.erasure_rules.starts_at(after):%-d %B %Y}" in told(mail)


async def test_an_erasure_whose_copy_lacks_something_is_waited_with_and_then_told_to_have_stopped():
    world = memory_services()
    del world.store.drawers["memory", "tickets"]
    request = await answered(world, rights=BOTH)
    first = told(world.mailer.sent[-1])
    assert "- Support" in first
    assert "we have not started with that" in first.lower()
    await world.sweep(seconds=(request.due_at - world.clock()).total_seconds())
    await world.drain()
    await world.sweep(minutes=10)
    await world.drain()
    after = await now(world, request.id)
    assert (after.state, after.told[-1].notice) == (State.PARTIALLY_COMPLETED, "erasure_stopped")
    last = told(world.mailer.sent[-1])
    for words in ("Nothing has been deleted", "- Support", "complain", "court"):
        assert words in last


async def test_a_certificates_mail_tells_what_is_kept_and_until_when_copies_are_in_backups():
    world = memory_services()
    keeping_invoices(world)
    request = await cooled_off(world, await answered(world, rights=ERASURE))
    assert (request.state, request.told[-1].notice) == (State.COMPLETED, "certified")
    mail = told(world.mailer.sent[-1])
    assert "We have done that." in mail
    assert "- Invoices" in mail
    assert "- Users" not in mail
    assert f"{request.erasure.erased_at + timedelta(days=36):%-d %B %Y}" in mail
    assert "court" in mail


@pytest.mark.parametrize("signed_in", [True, False])
async def test_whoever_proved_an_address_alone_hears_that_a_sign_in_would_delete_more(signed_in):
    world = memory_services()
    await cooled_off(world, await answered(world, rights=ERASURE, signed_in=signed_in))
    assert [mail.subject for mail in world.mailer.sent[1:]] == [
        "Our plan for the deletion of your data",
        "Your certificate of deletion",
    ]
    for mail in world.mailer.sent[1:]:
        assert ("with a work account" in told(mail)) is not signed_in


@pytest.mark.parametrize(
    ("rights", "words"),
    [
        (("access",), "will not send you any data"),
        (ERASURE, "Nothing has been deleted. You can ask again"),
        (BOTH, "you keep your copy"),
    ],
)
async def test_a_withdrawal_is_told_for_what_it_is(rights, words):
    world = memory_services()
    request = await asked(world, signed_in=True, rights=rights)
    await world.drain()
    await world.confirm_identity(request.id, code_of(world, request.id))
    if rights != ("access",):
        await world.drain()
    await world.withdraw_request(MIRA.caller(), request.id)
    await world.drain()
    mail = world.mailer.sent[-1]
    assert mail.subject == "Your request has been withdrawn"
    assert words in told(mail)


async def test_where_a_service_failed_for_good_the_certificates_mail_names_it_and_where_to_complain():
    world = memory_services()
    del world.store.drawers["memory", "tickets"]
    request = await cooled_off(world, await answered(world, rights=ERASURE))
    for seconds in ((request.due_at - world.clock()).total_seconds(), world.settings.reissue_after.total_seconds()):
        await world.sweep(seconds=seconds)
        await world.drain()
    request = await now(world, request.id)
    assert (request.state, request.told[-1].notice) == (State.PARTIALLY_COMPLETED, "certified")
    mail = told(world.mailer.sent[-1])
    for words in ("We could not do that everywhere.", "- Support", "court"):
        assert words in mail
    for words in ("We have done that.", "- Directory"):
        assert words not in mail
