"""What the public learns of the data map: an allow-list of its fields, and never where or how anything is stored."""

from typing import Any, Literal, Self

from functions._views import Output
from shared.domain.data_map import DataMap, Dataset, Recipient, Retention, Service
from shared.domain.map_entry import Text
from shared.domain.parties import Contact
from shared.domain.request import Language
from shared.use_cases.publishing_map import behaviours, published_rights

type Behaviour = Literal["do", "decide", "exempt", "not_applicable"]


class TextView(Output):
    """A text in every language."""

    en: str
    nl: str

    @classmethod
    def of(cls, text: Text) -> Self:
        """Copy a text."""
        return cls(en=text.en, nl=text.nl)


class ContactView(Output):
    """The controller, or its data protection contact."""

    name: str
    address: str
    email: str

    @classmethod
    def of(cls, contact: Contact) -> Self:
        """Copy a contact."""
        return cls(name=contact.name, address=contact.address, email=contact.email)


class PurposeView(Output):
    """What data is used for; `id` is what an objection or a withdrawal names."""

    id: str
    text: TextView
    direct_marketing: bool


class RecipientView(Output):
    """Who receives data, where, and under which safeguard outside the EEA; an objection names its `id`."""

    id: str | None = None
    name: TextView
    purpose: TextView
    country: str
    safeguard: TextView | None = None

    @classmethod
    def of(cls, one: Recipient) -> Self:
        """Tell of a recipient, but not how it is reached."""
        name = TextView.of(one.called) if one.called else TextView(en=one.name, nl=one.name)
        safeguard = TextView.of(one.safeguard) if one.safeguard else None
        return cls(id=one.id, name=name, purpose=TextView.of(one.purpose), country=one.country, safeguard=safeguard)


class RetentionView(Output):
    """How long, counted from what, and what happens then."""

    days: int
    counted_from: str
    action: str
    source: TextView

    @classmethod
    def of(cls, one: Retention) -> Self:
        """Tell of a period."""
        source = TextView.of(one.source)
        return cls(days=one.period.days, counted_from=one.counted_from, action=one.action, source=source)


class RetainedView(Output):
    """Why an erasure leaves records: the ground of GDPR Art. 17(3), its source, and for how many years."""

    ground: str
    source: TextView
    years: int


class MapDatasetView(Output):
    """One kind of record. `rights` says what each right does to it: at once, after a person decided, or not."""

    id: str
    title: TextView
    system: TextView
    role: str
    categories: list[str]
    subjects: list[str]
    purposes: list[PurposeView]
    legal_basis: str
    level: str
    source: TextView
    recipients: list[RecipientView]
    retention: RetentionView
    copies_kept_days: int | None = None
    rights: dict[str, Behaviour]
    on_erasure: str
    retained: RetainedView | None = None
    profiling: TextView | None = None
    automated_decisions: TextView | None = None

    @classmethod
    def of(cls, service: Service, dataset: Dataset, rights: tuple[str, ...]) -> Self:
        """Tell of one dataset."""
        exemption = dataset.erasure.exemption
        return cls(
            id=dataset.id,
            title=TextView.of(dataset.title),
            system=TextView.of(service.title),
            role=service.role.value,
            categories=sorted({one.category for one in dataset.fields}),
            subjects=list(dataset.subjects),
            purposes=[
                PurposeView(id=one.id, text=TextView.of(one), direct_marketing=one.direct_marketing)
                for one in dataset.purposes
            ],
            legal_basis=dataset.legal_basis,
            level=dataset.authorisation,
            source=TextView.of(dataset.source),
            recipients=[RecipientView.of(one) for one in dataset.recipients],
            retention=RetentionView.of(dataset.retention),
            copies_kept_days=max((one.kept_for.days for one in service.copies), default=None),
            rights={code: outcome.value for code, outcome in behaviours(dataset, rights).items()},
            on_erasure=dataset.erasure.action,
            retained=RetainedView(ground=exemption.ground, source=TextView.of(exemption.source), years=exemption.years)
            if exemption
            else None,
            profiling=TextView.of(dataset.profiling) if dataset.profiling else None,
            automated_decisions=TextView.of(dataset.automated_decisions) if dataset.automated_decisions else None,
        )


class NotPersonalView(Output):
    """What is about no person, and why."""

    title: TextView
    reason: TextView


class DataMapView(Output):
    """The whole table, under the version that a request remembers."""

    version: str
    controller: ContactView
    privacy_contact: ContactView
    datasets: list[MapDatasetView]
    without_personal_data: list[NotPersonalView]

    @classmethod
    def of(cls, data_map: DataMap) -> Self:
        """Tell of the map what everybody may know."""
        rights = published_rights(data_map)
        return cls(
            version=data_map.version,
            controller=ContactView.of(data_map.controller),
            privacy_contact=ContactView.of(data_map.privacy_contact),
            datasets=[MapDatasetView.of(service, dataset, rights) for service, dataset in data_map.datasets()],
            without_personal_data=[
                NotPersonalView(title=TextView.of(one.title), reason=TextView.of(one.reason))
                for one in data_map.without_personal_data
            ],
        )

    def in_language(self, language: Language) -> dict[str, Any]:
        """Return the values of the page, every text in one language."""
        values: dict[str, Any] = _one_language(self.model_dump(), language)
        return values


def _one_language(value: Any, language: Language) -> Any:
    if isinstance(value, dict):
        if value.keys() == {"en", "nl"}:
            return value[language]
        return {name: _one_language(one, language) for name, one in value.items()}
    return [_one_language(one, language) for one in value] if isinstance(value, list) else value
