"""What of a dossier goes along into a customer's case: its own tenant's identifiers, and no word the person wrote."""

from collections.abc import Sequence

from shared.domain.ask import Ask
from shared.domain.data_map import DataMap, Dataset, Role
from shared.domain.dossier import SEARCHED, Dossier
from shared.domain.request import Part


def of_their_own(dossier: Dossier, parts: Sequence[Part], data_map: DataMap) -> Dossier:
    """Return the dossier of a case that is made of these parts of one person in one tenant.

    What was asked is narrowed to the datasets that Spinpanel holds as a processor; free text stays behind.
    """
    tenant, person = parts[0].tenant, dossier.people[parts[0].person]
    held = [dataset for service, dataset in data_map.datasets() if service.role is Role.PROCESSOR]
    return Dossier(
        email=dossier.email,
        contact=dossier.contact,
        previous_addresses=dossier.previous_addresses,
        child=dossier.child,
        tenant=dossier.tenant if dossier.tenant == tenant else None,
        object_id=dossier.object_id if dossier.tenant == tenant else None,
        people=(tuple(one for one in person if one.tenant == tenant and one.standing in SEARCHED),),
        asks={part.right: _narrowed(dossier.asks[part.right], held) for part in parts if part.right in dossier.asks},
    )


def _narrowed(ask: Ask, held: Sequence[Dataset]) -> Ask:
    datasets = {dataset.id for dataset in held}
    purposes = {purpose.id for dataset in held for purpose in dataset.purposes}
    recipients = {recipient.id for dataset in held for recipient in dataset.recipients}
    return Ask(
        datasets=tuple(one for one in ask.datasets if one in datasets),
        purposes=tuple(one for one in ask.purposes if one in purposes),
        recipients=tuple(one for one in ask.recipients if one in recipients),
        ground=ask.ground,
        corrections=tuple(one for one in ask.corrections if one.dataset in datasets),
    )
