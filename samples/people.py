"""Who is who in the sample company: five organisations and the people in them."""

import uuid
from dataclasses import dataclass

_NAMES = uuid.UUID("5b0f6a52-2a52-4f6e-9f0e-6a3c8d1f7c11")

WORK, CUSTOMER, TALKS, VISITOR, APPLICANT = "work", "customer", "talks", "visitor", "applicant"
EVERYTHING = frozenset({WORK, CUSTOMER, TALKS, VISITOR, APPLICANT})


def named_id(*names: str) -> str:
    """Return the fixed GUID of something that has a short name."""
    return str(uuid.uuid5(_NAMES, ":".join(names)))


@dataclass(frozen=True, slots=True)
class Tenant:
    """An organisation with its own Microsoft Entra tenant."""

    short: str
    name: str
    domain: str
    country: str = "NL"

    @property
    def id(self) -> str:
        """The tenant's GUID."""
        return named_id("tenant", self.short)


@dataclass(frozen=True, slots=True)
class Person:
    """Someone in a tenant; `short` is unique inside it.

    `holds` names the kinds of records there are of this person. `special` says what makes this person worth trying.
    A job was applied for from the `private_address`.
    """

    short: str
    home: Tenant
    given: str
    surname: str
    special: str = ""
    roles: tuple[str, ...] = ()
    holds: frozenset[str] = frozenset({WORK})
    address: str | None = None
    sign_in: str | None = None
    private_address: str | None = None

    @property
    def tenant(self) -> str:
        """The tenant's GUID."""
        return self.home.id

    @property
    def oid(self) -> str:
        """The person's object id in that tenant."""
        return named_id("user", self.home.short, self.short)

    @property
    def email(self) -> str:
        """The mail address that the tenant's directory names."""
        return self.address or f"{self.short}@{self.home.domain}"

    @property
    def upn(self) -> str:
        """The name to sign in with."""
        return self.sign_in or f"{self.short}@{self.home.domain}"

    @property
    def name(self) -> str:
        """The display name."""
        return f"{self.given} {self.surname}"

    def key(self, kind: str) -> str:
        """Return the fixed GUID of something of this person: a contact, a device."""
        return named_id(kind, self.home.short, self.short)


HOME = Tenant("spinpanel", "Spinpanel B.V.", "spinpanel.example")
NOORDZEE = Tenant("noordzee", "Noordzee Logistiek B.V.", "noordzee.example")
ALPENBLICK = Tenant("alpenblick", "Alpenblick Touristik GmbH", "alpenblick.example", "DE")
CLOUDHUIS = Tenant("cloudhuis", "Cloudhuis Partners B.V.", "cloudhuis.example")
VUURTOREN = Tenant("vuurtoren", "Vuurtoren Energie B.V.", "vuurtoren.example")
TENANTS = {tenant.short: tenant for tenant in (HOME, NOORDZEE, ALPENBLICK, CLOUDHUIS, VUURTOREN)}

_OPERATOR, _ADMIN, _PARTNER = ("Privacy.Operator",), ("Privacy.Admin",), ("Privacy.Partner",)
_BUYS, _TALKS, _NOTHING = frozenset({WORK, CUSTOMER}), frozenset({WORK, TALKS}), frozenset[str]()
_INFO = "info@noordzee.example"
_GUEST = "sven_cloudhuis.example#EXT#@noordzee.onmicrosoft.example"

PEOPLE = {
    "anna": Person(
        "anna",
        NOORDZEE,
        "Anna",
        "Jansen",
        "a user with data in every service",
        holds=EVERYTHING,
        private_address="anna.jansen@brievenbus.example",
    ),
    "bram": Person("bram", NOORDZEE, "Bram", "Bakker", "an ordinary user", holds=_TALKS),
    "nadia": Person("nadia", NOORDZEE, "Nadia", "El Amrani", "the customer's administrator", _ADMIN, _BUYS),
    "max": Person("max", ALPENBLICK, "Max", "Müller", "an ordinary user of another customer"),
    "greta": Person("greta", ALPENBLICK, "Greta", "Huber", "another customer's administrator", _ADMIN, _BUYS),
    "fabian": Person("fabian", ALPENBLICK, "Fabian", "Falk", "an operator by a foreign tenant's word alone", _OPERATOR),
    "sven": Person("sven", CLOUDHUIS, "Sven", "Mulder", "the Microsoft partner", _PARTNER, _BUYS),
    "olga": Person("olga", HOME, "Olga", "Visser", "handles requests", _OPERATOR),
    "pieter": Person("pieter", HOME, "Pieter", "Smit", "the second pair of eyes", _OPERATOR),
    "rosa": Person("rosa", HOME, "Rosa", "de Wit", "reviews what is handed over", ("Privacy.Reviewer",)),
    "arjen": Person("arjen", HOME, "Arjen", "Kok", "audits", ("Privacy.Auditor",)),
    "anna-alpenblick": Person(
        "anna",
        ALPENBLICK,
        "Anna",
        "Jansen",
        "anna's address and name in a second tenant",
        holds=_BUYS,
        address="anna@noordzee.example",
    ),
    "jan": Person("jan", NOORDZEE, "Jan", "de Boer", "shares a name with jan-finance", holds=EVERYTHING),
    "jan-finance": Person("jan-finance", NOORDZEE, "Jan", "de Boer", "shares a name with jan", holds=EVERYTHING),
    "jan-cloudhuis": Person(
        "jan", CLOUDHUIS, "Jan", "de Boer", "shares a name with two people of noordzee", holds=EVERYTHING
    ),
    "kim": Person("kim", NOORDZEE, "Kim", "Peters", "reads the shared mailbox", address=_INFO),
    "tom": Person("tom", NOORDZEE, "Tom", "Willems", "reads the shared mailbox", address=_INFO),
    "guest": Person(
        "guest", NOORDZEE, "Sven", "Mulder", "a guest, whose UPN holds #", (), _TALKS, "sven@cloudhuis.example", _GUEST
    ),
    "lukasz": Person("lukasz", NOORDZEE, "Łukasz", "Żółć-Dąbrowski", "a Polish name", holds=_BUYS),
    "danielle": Person("danielle", NOORDZEE, "Daniëlle", "van 't Höffje", "a Dutch name", holds=_TALKS),
    "lina": Person("lina", ALPENBLICK, "娜", "李", "a Chinese name"),
    "shaun": Person(
        "shaun",
        NOORDZEE,
        "Shaun",
        "O'Brien",
        "a quote in address and UPN",
        (),
        _TALKS,
        "shaun.o'brien@noordzee.example",
        "shaun.o'brien@noordzee.example",
    ),
    "carmen": Person(
        "carmen",
        ALPENBLICK,
        "Carmen",
        "Ruiz",
        "applied for a job from a private address",
        private_address="carmen.ruiz@brievenbus.example",
    ),
    "bobby": Person("bobby", NOORDZEE, "Bobby", "Tables", "records full of hostile content", holds=EVERYTHING),
    "femke": Person("femke", VUURTOREN, "Femke", "Dijkstra", "a user whose employer decides by itself"),
    "wim": Person("wim", VUURTOREN, "Wim", "Postma", "the administrator of an employer that decides by itself", _ADMIN),
    "nobody": Person("nobody", NOORDZEE, "Nora", "Body", "no data anywhere", holds=_NOTHING),
}
