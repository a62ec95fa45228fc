"""The mail sink: what is sent becomes a file, and the list of them."""

import asyncio
import json
from email.message import EmailMessage

import aiosmtplib
import pytest
from small_stack import command

from devhost.errors import StackError
from devhost.mail import Outbox, numbered, sent
from devhost.ports import free_port


@pytest.fixture
async def send(tmp_path):
    (tmp_path / "outbox").mkdir()
    port = free_port()

    async def one(to, subject, text):
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "privacy@spinpanel.example", to, subject
        message.set_content(text)
        await aiosmtplib.send(message, hostname="127.0.0.1", port=port)

    async with await Outbox(tmp_path / "outbox").serve(port):
        yield one


async def test_mail_is_kept_as_it_was_sent_for_this_user_alone(tmp_path, send):
    await send("anna@noordzee.example", "Uw gegevens zijn er: één pakket", "Beste Łukasz,\n\nhet pakket is er. 娜\n")
    (mail,) = sent(tmp_path / "outbox")
    assert (mail.to, mail.subject) == ("anna@noordzee.example", "Uw gegevens zijn er: één pakket")
    assert mail.text == "Beste Łukasz,\n\nhet pakket is er. 娜\n"
    (file,) = (tmp_path / "outbox").iterdir()
    assert (file.suffix, file.stat().st_mode & 0o777) == (".eml", 0o600)


async def test_the_list_is_in_order_and_may_be_narrowed_to_an_address(tmp_path, send):
    for number in range(3):
        await send(f"person{number}@noordzee.example", str(number), "x")
    assert [mail.subject for mail in sent(tmp_path / "outbox")] == ["0", "1", "2"]
    assert [mail.subject for mail in sent(tmp_path / "outbox", "PERSON1@")] == ["1"]


async def test_mail_sent_at_the_same_moment_is_all_kept(tmp_path, send):
    await asyncio.gather(*(send("anna@noordzee.example", str(number), "x") for number in range(20)))
    assert sorted(int(mail.subject) for mail in sent(tmp_path / "outbox")) == list(range(20))


async def test_a_number_that_the_list_does_not_have_is_told(tmp_path, send):
    await send("anna@noordzee.example", "only", "x")
    mails = sent(tmp_path / "outbox")
    assert numbered(mails, 1).subject == "only"
    for number in (0, 2):
        with pytest.raises(StackError, match=f"no message {number}: the list has 1"):
            numbered(mails, number)


async def test_the_command_lists_shows_and_gives_json(tmp_path, send):
    await send("anna@noordzee.example", "First", "one\n")
    await send("bram@noordzee.example", "Second", "two\n")
    code, listed, _ = await command("mail", "--data", str(tmp_path))
    assert code == 0
    assert [line.split()[0] for line in listed.splitlines()] == ["1", "2"]
    assert listed.splitlines()[1].endswith("bram@noordzee.example  Second")
    _, shown, _ = await command("mail", "--data", str(tmp_path), "--to", "bram", "--show", "1")
    assert "subject: Second" in shown
    assert shown.endswith("\n\ntwo\n\n")
    _, told, _ = await command("mail", "--data", str(tmp_path), "--json")
    assert [(one["to"], one["text"]) for one in json.loads(told)] == [
        ("anna@noordzee.example", "one\n"),
        ("bram@noordzee.example", "two\n"),
    ]
