"""The contract of Mailer, over memory, SMTP and Azure Communication Services."""

import email.policy
import ssl
from email.parser import BytesParser
from types import SimpleNamespace
from uuid import UUID

import pytest
from aiohttp import web
from aiosmtpd import smtp as server_side
from aiosmtpd.controller import Controller
from azure.core.pipeline.transport import AioHttpTransport
from running_azurite import StorageToken

from devhost.ports import free_port
from shared.adapters.acs_mail import AcsMailer
from shared.adapters.memory_mailer import MemoryMailer
from shared.adapters.smtp_mail import SmtpMailer
from shared.domain.errors import Permanent, Transient
from shared.ports.world import Mail

KEY = UUID("00000000-0000-4000-8000-000000000001")
SENDER = "privacy@spinpanel.example"


def a_mail(**changes):
    fields = {"to": "anna@example.nl", "subject": "Uw verzoek – één", "text": "Hallo ☃\n", "html": "<p>Hallo ☃</p>\n"}
    return Mail(key=KEY, **fields | changes)


class Inbox:
    """What an SMTP server was given, and how it answers."""

    def __init__(self):
        self.got = []
        self.rcpt = self.data = None

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.rcpt:
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.data:
            return self.data
        message = BytesParser(policy=email.policy.default).parsebytes(envelope.content)
        self.got.append(SimpleNamespace(message=message, to=envelope.rcpt_tos, sender=envelope.mail_from))
        return "250 OK"


class Listening(Controller):
    def factory(self):
        return server_side.SMTP(self.handler, enable_SMTPUTF8=self.utf8, timeout=5)


def listening(inbox, utf8=True, port=None):
    controller = Listening(inbox, hostname="127.0.0.1", port=port or free_port())
    controller.utf8 = utf8
    controller.start()
    return controller


@pytest.fixture
def inbox():
    return Inbox()


@pytest.fixture
async def smtp(inbox):
    controller = listening(inbox)
    mailer = SmtpMailer("127.0.0.1", controller.port, SENDER)
    yield mailer
    await mailer.close()
    controller.stop()


async def test_memory_keeps_what_was_sent_repeats_too():
    mailer = MemoryMailer()
    await mailer.send(a_mail())
    await mailer.send(a_mail())
    assert mailer.sent == [a_mail(), a_mail()]


async def test_a_mail_arrives_in_both_forms_with_the_headers_of_an_automatic_one(smtp, inbox):
    await smtp.send(a_mail())
    [got] = inbox.got
    assert got.to == ["anna@example.nl"]
    assert got.sender == SENDER
    message = got.message
    assert message["To"] == "anna@example.nl"
    assert message["From"] == SENDER
    assert message["Subject"] == "Uw verzoek – één"
    assert message["Message-ID"] == f"<{KEY}@spinpanel.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "multipart/alternative"
    assert message.get_body(("plain",)).get_content() == "Hallo ☃\r\n"
    assert message.get_body(("html",)).get_content() == "<p>Hallo ☃</p>\r\n"


async def test_one_connection_serves_many_mails(smtp, inbox):
    sessions = set()

    async def handle_data(server, session, envelope):
        sessions.add(session.peer)
        return "250 OK"

    inbox.handle_DATA = handle_data
    for _ in range(3):
        await smtp.send(a_mail())
    assert len(sessions) == 1


@pytest.mark.parametrize("subject", ["a\r\nBcc: evil@example.com", "a\nb", "a\rb"])
async def test_a_subject_cannot_bring_headers_of_its_own(smtp, inbox, subject):
    with pytest.raises(Permanent):
        await smtp.send(a_mail(subject=subject))
    assert inbox.got == []


@pytest.mark.parametrize("to", ["", "anna", "a@b@c", "a@b.nl\r\nBcc: x@y.nl", "a@b.nl, c@d.nl", "<a@b.nl>", "a b@c.nl"])
async def test_what_is_not_one_address_is_refused(smtp, inbox, to):
    with pytest.raises(Permanent):
        await smtp.send(a_mail(to=to))
    assert inbox.got == []


async def test_an_address_beyond_ascii_is_written_to_where_the_server_can(smtp, inbox):
    await smtp.send(a_mail(to="jürgen@example.nl"))
    assert inbox.got[0].to == ["jürgen@example.nl"]


async def test_an_address_beyond_ascii_is_refused_where_the_server_cannot(inbox):
    controller = listening(inbox, utf8=False)
    mailer = SmtpMailer("127.0.0.1", controller.port, SENDER)
    with pytest.raises(Permanent):
        await mailer.send(a_mail(to="jürgen@example.nl"))
    await mailer.send(a_mail())
    assert len(inbox.got) == 1
    await mailer.close()
    controller.stop()


@pytest.mark.parametrize(
    ("place", "answer", "kind", "code"),
    [
        ("rcpt", "550 no such person", Permanent, "mail_refused_550"),
        ("rcpt", "450 later", Transient, "mail_450"),
        ("data", "554 no", Permanent, "mail_refused_554"),
        ("data", "451 later", Transient, "mail_451"),
    ],
)
async def test_a_refusal_is_for_good_or_may_pass(smtp, inbox, place, answer, kind, code):
    setattr(inbox, place, answer)
    with pytest.raises(kind) as refused:
        await smtp.send(a_mail())
    assert refused.value.code == code
    setattr(inbox, place, None)
    await smtp.send(a_mail())
    assert len(inbox.got) == 1


async def test_a_server_that_is_gone_is_transient_and_found_again(inbox):
    controller = listening(inbox)
    port = controller.port
    mailer = SmtpMailer("127.0.0.1", port, SENDER)
    await mailer.send(a_mail())
    controller.stop()
    with pytest.raises(Transient) as failed:
        await mailer.send(a_mail())
    assert failed.value.code == "mail_unreachable"
    controller = listening(inbox, port=port)
    await mailer.send(a_mail())
    assert len(inbox.got) == 2
    await mailer.close()
    controller.stop()


@pytest.fixture
async def service(azurite):
    """A stand-in for the mail service: keeps what it was asked and answers as told."""
    service = SimpleNamespace(asked=[], status=202, headers={})

    async def send(request):
        service.asked.append((dict(request.headers), await request.json()))
        headers = {"Operation-Location": str(request.url.with_path("/emails/operations/1")), **service.headers}
        return web.json_response({"id": "1", "status": "Running"}, status=service.status, headers=headers)

    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(azurite.tls.certificate, azurite.tls.key)
    application = web.Application()
    application.router.add_post("/emails:send", send)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    transport = AioHttpTransport(session=azurite.session, session_owner=False)
    url = f"https://127.0.0.1:{runner.addresses[0][1]}"
    service.mailer = AcsMailer(url, StorageToken(), SENDER, transport=transport)
    yield service
    await runner.cleanup()


@pytest.mark.stack
async def test_the_service_is_asked_once_under_the_mails_key(service):
    await service.mailer.send(a_mail())
    [(headers, body)] = service.asked
    assert headers["Operation-Id"] == str(KEY)
    assert headers["Authorization"].startswith("Bearer ")
    assert body["senderAddress"] == SENDER
    assert body["recipients"] == {"to": [{"address": "anna@example.nl"}]}
    assert body["content"] == {"subject": a_mail().subject, "plainText": a_mail().text, "html": a_mail().html}
    assert body["userEngagementTrackingDisabled"] is True


@pytest.mark.stack
@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [(400, Permanent, "mail_400"), (403, Transient, "mail_403"), (429, Transient, "mail_429")],
)
async def test_the_services_refusal_is_for_good_or_may_pass(service, status, kind, code):
    service.status = status
    with pytest.raises(kind) as refused:
        await service.mailer.send(a_mail())
    assert refused.value.code == code


@pytest.mark.stack
async def test_a_mail_the_service_knows_already_is_sent(service):
    service.status = 409
    await service.mailer.send(a_mail())
    assert len(service.asked) == 1
