"""Write the record of processing as a sheet: a line for each activity, complete in itself."""

import csv
import io

from shared.domain.processing_record import Person, ProcessingRecord, ProcessorTold, Transfer
from shared.use_cases.exporting import cell

_BETWEEN = "; "
COLUMNS = (
    "role",
    "version",
    "organisation",
    "contact",
    "protectionOfficer",
    "representative",
    "onBehalfOf",
    "activity",
    "title",
    "purposes",
    "subjects",
    "categories",
    "legalBases",
    "recipients",
    "transfers",
    "timeLimits",
    "datasets",
    "systems",
    "owners",
    "processors",
    "security",
)


def as_sheet(record: ProcessingRecord) -> str:
    """Return CSV (RFC 4180) in which no cell is read as a formula; lists stand in one cell."""
    told = io.StringIO()
    sheet = csv.writer(told, lineterminator="\r\n")
    sheet.writerow(COLUMNS)
    before = [
        record.role.value,
        record.version,
        *(_person(one) for one in (record.organisation, record.contact, record.protection_officer)),
        _person(record.representative),
        record.on_behalf_of or "",
    ]
    after = [_BETWEEN.join(_processor(one) for one in record.processors), _BETWEEN.join(record.security)]
    for one in record.activities:
        lists = (one.purposes, one.subjects, one.categories, one.legal_bases, one.recipients)
        more = (one.time_limits, one.datasets, one.systems, one.owners)
        row = [
            *before,
            one.id,
            one.title,
            *(_BETWEEN.join(values) for values in lists),
            _BETWEEN.join(_transfer(each) for each in one.transfers),
            *(_BETWEEN.join(values) for values in more),
            *after,
        ]
        sheet.writerow([cell(value) for value in row])
    return told.getvalue()


def _person(one: Person | None) -> str:
    return "" if one is None else f"{one.name}, {one.address}, {one.email}"


def _transfer(one: Transfer) -> str:
    return f"{one.to} ({one.country}): {one.safeguard}"


def _processor(one: ProcessorTold) -> str:
    subs = "".join(f" + {sub.name} ({sub.country})" for sub in one.sub_processors)
    return f"{one.name} ({one.country}): {one.contract}{subs}"
