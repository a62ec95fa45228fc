"""How a dataset's `found_by` is read: its words, its templates, and whose identifiers it applies to."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from shared.domain.data_map import Dataset, FoundBy, Service
from shared.domain.errors import DataMapInvalid
from shared.domain.identity import Identifier, Standing

UNSAFE_IN_KEYS = re.compile(r"[/\\#?%\x00-\x1f\x7f-\x9f]")
PLACEHOLDER = re.compile(r"\{(\w*)\}")
TENANT = "{tenant}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What one `how` takes in `at`. `bounds` are templates that may hold the tenant."""

    needs: frozenset[str] = frozenset()
    takes: frozenset[str] = frozenset()
    bounds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The values to look for by one way, inside one tenant, or anywhere when `tenant` is None."""

    way: FoundBy
    tenant: str | None
    values: tuple[str, ...]

    def fill(self, name: str, value: str) -> str:
        """Fill the template `at.<name>` for one value."""
        given = {"value": value, "tenant": self.tenant or ""}
        return PLACEHOLDER.sub(lambda found: in_key(given[found[1]]), self.way.at[name])


def in_key(value: str) -> str:
    """Percent-encode what keys cannot hold: slashes of both kinds, hash, question and percent signs, control codes.

    So too a value that is only dots: as a folder it would lead out of the one it stands in.
    """
    if value in {".", ".."}:
        return "%2E" * len(value)
    return UNSAFE_IN_KEYS.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), value)


def wanted(dataset: Dataset, identifiers: Sequence[Identifier]) -> list[Wanted]:
    """Return what to look for, way by way in the map's order and tenant by tenant.

    Claimed identifiers are left out. A world-wide one is looked for in every tenant, by ways that name none.
    """
    found = []
    for way in dataset.found_by:
        values: dict[str | None, dict[str, None]] = {}
        names_tenant = any(TENANT in template for template in way.at.values())
        for one in identifiers:
            if one.kind != way.identifier or one.standing is Standing.CLAIMED:
                continue
            tenant = one.tenant.lower() if one.tenant and dataset.tenancy == "tenant" else None
            if tenant is not None or not names_tenant:
                values.setdefault(tenant, {})[one.value] = None
        found += [Wanted(way=way, tenant=tenant, values=tuple(held)) for tenant, held in values.items()]
    return found


def check_dataset(dataset: Dataset, vocabulary: Mapping[str, Words], *settings: str, may: Collection[str] = ()) -> None:
    """Refuse a dataset whose settings or ways this vocabulary does not know, or that could leave its tenant.

    `settings` must be given, those that `may` be given need not; no other may.

    Raises:
        DataMapInvalid: names the dataset and the setting.
    """
    asked = " and ".join(f"`{one}`" for one in settings)
    if not set(settings) <= set(dataset.settings) <= {*settings, *may} or not all(dataset.settings.values()):
        raise refusal(dataset, "settings", f"exactly {asked} {'is' if len(settings) == 1 else 'are'} asked")
    for way in dataset.found_by:
        words = vocabulary.get(way.how)
        if words is None:
            raise refusal(dataset, f"how: {way.how}", f"known are {', '.join(sorted(vocabulary))}")
        _check_way(dataset, way, words)
    withheld = {one.name for one in dataset.fields if one.withhold}
    for field in dataset.fields:
        if not field.withhold and any(f"{one}.".startswith(f"{field.name}.") for one in withheld):
            raise refusal(dataset, f"field {field.name}", "would export a field inside it that is withheld")


def check_service(service: Service, *, names: str = "store") -> None:
    """Refuse a service without the setting that names its store, or with others.

    Raises:
        DataMapInvalid: names the service and the setting.
    """
    if set(service.settings) != {names} or not service.settings[names]:
        raise DataMapInvalid(f"service {service.id}: settings: exactly `{names}` is asked")


def refusal(dataset: Dataset, place: str, reason: str) -> DataMapInvalid:
    """Say what is wrong where."""
    return DataMapInvalid(f"dataset {dataset.id}: {place}: {reason}")


def _check_way(dataset: Dataset, way: FoundBy, words: Words) -> None:
    given = set(way.at)
    known = words.needs | words.takes
    for name in sorted((words.needs - given) | (given - known) | {one for one in given if not way.at[one]}):
        problem = "is missing or empty" if name in known else "is not known"
        raise refusal(dataset, f"how: {way.how}: at.{name}", problem)
    if way.at.get("fold", "lower") != "lower":
        raise refusal(dataset, f"how: {way.how}: at.fold", "can only be `lower`")
    for name in sorted(given):
        _check_template(dataset, way, name, words.bounds)
    bounded = any(TENANT in way.at.get(name, "") for name in words.bounds)
    if bounded and dataset.tenancy == "none":
        raise refusal(dataset, f"how: {way.how}", "{tenant} stands in a dataset that has no tenants")
    if dataset.tenancy == "tenant" and not bounded and dataset.tenant_field is None:
        raise refusal(dataset, f"how: {way.how}", "needs {tenant} in a key, or a tenant_field on the dataset")


def _check_template(dataset: Dataset, way: FoundBy, name: str, templates: Collection[str]) -> None:
    for placeholder in PLACEHOLDER.findall(way.at[name]):
        if name not in templates or placeholder not in {"value", "tenant"}:
            raise refusal(dataset, f"how: {way.how}: at.{name}", "knows {value} and {tenant} in templates alone")
