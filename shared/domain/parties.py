"""Who answers for personal data, who processes it for us, and what is about no person at all."""

from pydantic import Field

from shared.domain.map_entry import Entry, Slug, Text


class Contact(Entry):
    """The controller, or its data protection contact, as GDPR Art. 13(1)(a) and (b) name them."""

    name: str
    address: str
    email: str


class Authority(Entry):
    """The supervisory authority a complaint goes to (GDPR Art. 77)."""

    name: str
    address: str
    website: str


class WithoutPersonalData(Entry):
    """What Spinpanel holds that is about no person, and why it is not: said, so that nobody has to wonder."""

    title: Text
    reason: Text


class SubProcessor(Entry):
    """Whom a processor of ours works with in turn (GDPR Art. 28(2), (4))."""

    name: str = Field(min_length=1)
    country: str = Field(pattern=r"^[A-Z]{2}$")
    purpose: Text
    safeguard: Text | None = None


class Processor(Entry):
    """Who processes data for us in some services, by which contract, and with whose help (GDPR Art. 28)."""

    name: str = Field(min_length=1)
    country: str = Field(pattern=r"^[A-Z]{2}$")
    purpose: Text
    contract: Text
    services: tuple[Slug, ...] = Field(min_length=1)
    safeguard: Text | None = None
    sub_processors: tuple[SubProcessor, ...] = ()
