"""Previews of mails: every one of them, for operators, with nobody's data."""

import typing

import pytest
from builders import HOME, Person, memory_services
from checked import call

from shared.messages.commands import Notice

MAILS = [*typing.get_args(Notice.__value__), "code", "recipient"]


async def preview(notice: str, query: str = ""):
    world = memory_services()
    operator = Person(given="Olga", surname="de Wit", email="olga@spinpanel.example", tenant=HOME)
    world.tokens.introduce("operator", operator.principal("Privacy.Operator"))
    at = f"/api/v1/ops/notices/{notice}"
    return await call("notice_preview", "GET", f"{at}{query}", token="operator", notice=notice)


@pytest.mark.parametrize("notice", MAILS)
async def test_every_mail_can_be_previewed_in_both_languages(notice):
    english, dutch = await preview(notice), await preview(notice, "?language=nl")
    assert (english.status, dutch.status) == (200, 200)
    assert (english.json["language"], dutch.json["language"]) == ("en", "nl")
    names = [one["name"] for one in english.json["previews"]]
    assert names
    assert names == [one["name"] for one in dutch.json["previews"]]
    for one, other in zip(english.json["previews"], dutch.json["previews"], strict=True):
        assert one["subject"] != other["subject"]
        assert one["text"].startswith(one["subject"])
        assert "<h1 " in one["html"]
        assert '<html lang="nl">' in other["html"]


async def test_the_forms_of_a_mail_differ():
    previews = (await preview("settled")).json["previews"]
    assert len(previews) > 1
    assert len({one["text"] for one in previews}) == len(previews)


@pytest.mark.parametrize("notice", ["nothing", "..%2fpages%2fask", "_html"])
async def test_what_is_no_mail_is_not_found(notice):
    assert (await preview(notice)).status == 404
