"""How a mail reads, as operators preview it."""

from collections.abc import Mapping
from typing import Literal, Self

from functions._views import Output
from shared.domain.request import Language
from shared.ports.world import MailText


class NoticePreview(Output):
    """One form of a mail: with which subject it is sent, and how it reads as text and as HTML."""

    name: str
    subject: str
    text: str
    html: str


class NoticePreviews(Output):
    """A mail in all of its forms, with invented values."""

    notice: str
    language: Literal["en", "nl"]
    previews: list[NoticePreview]

    @classmethod
    def of(cls, notice: str, language: Language, mails: Mapping[str, MailText]) -> Self:
        """Tell of rendered mails, by the names of their forms."""
        previews = [
            NoticePreview(name=name, subject=mail.subject, text=mail.text, html=mail.html)
            for name, mail in mails.items()
        ]
        return cls(notice=notice, language=language, previews=previews)
