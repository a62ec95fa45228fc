"""The files of a certificate: what a person reads, what a program checks, and the keys of that day."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from shared.domain.certificate import (
    TYPE,
    Cover,
    DatasetLine,
    Line,
    PlanLine,
    RecipientLine,
    disclose,
    fillers_needed,
    payload,
    presented,
)
from shared.domain.certificate_checking import CertificateRefused, Checked, verify
from shared.domain.data_map import DataMap
from shared.domain.dossier import INCOMPLETE
from shared.domain.errors import Permanent, Transient
from shared.domain.references import References
from shared.domain.request import Request
from shared.ports.erasing import Signer
from shared.ports.requests import Case
from shared.ports.world import Renderer
from shared.use_cases.certificate_keys import as_key_set
from shared.use_cases.certificate_lines import day, is_complete, is_fault


async def certificate_files(
    case: Case,
    lines: Sequence[Line],
    data_map: DataMap,
    request_after: Request,
    audit_event: str,
    signer: Signer,
    references: References,
    renderer: Renderer,
    public_url: str,
    at: datetime,
) -> list[tuple[str, bytes]]:
    """Return path and bytes of a certificate's files.

    Args:
        case: the request with its tasks and plan, before it is certified.
        lines: what the certificate says, of datasets and recipients.
        data_map: in force now.
        request_after: the request once it is certified, for how long its case file is kept.
        audit_event: the hash of the line of history that certifies.
        signer: signs the cover.
        references: give handle and salts, the same at every repeat.
        renderer: renders the page.
        public_url: who issues, and where its keys are.
        at: the moment of issue.

    Raises:
        Transient: the signer cannot be reached, or what it signed does not pass our own check: a key that took over
            at midnight, in between.
        Permanent: `certificate_without_plan`.
    """
    request = case.request.row
    if request.erasure is None or case.plan is None:
        raise Permanent("certificate_without_plan")
    disclosures = [
        disclose(references.salt(request.id, number), f"line-{number:02}", line)
        for number, line in enumerate([*lines, PlanLine(plan=case.plan.hash)], start=1)
    ]
    told = len(disclosures)
    fillers = [references.salt(request.id, told + number) for number in range(1, fillers_needed(told) + 1)]
    issued = datetime.combine(at.astimezone(UTC).date(), datetime.min.time(), UTC)
    cover = Cover(
        iss=public_url,
        iat=int(issued.timestamp()),
        jti=str(references.certificate_handle(request.id)),
        outcome="complete" if is_complete(lines, request) else "partial",
        asked_on=day(request.received_at),
        erased_on=day(request.erasure.erased_at or at),
        backups_until=backups_until(lines),
        case_file_until=day(request_after.case_file_until) if request_after.case_file_until else None,
        map_version=case.plan.map_version,
        audit_event=audit_event,
    )
    jws = await signer.sign({"typ": TYPE}, payload(cover, disclosures, fillers))
    text, keys = presented(jws, disclosures), as_key_set(await signer.keys())
    try:
        checked = verify(text, keys)
    except CertificateRefused as refused:
        raise Transient(f"certificate_{refused.code}") from None
    values = _page(request, data_map, lines, checked, public_url) | {"plan": case.plan.hash}
    page = renderer.certificate_page(request.language, values)
    return [
        ("index.html", page),
        ("certificate.sd-jwt", text.encode()),
        ("certificate.json", _json(as_read(checked))),
        ("keys.json", _json(keys)),
    ]


def as_read(checked: Checked) -> dict[str, Any]:
    """Return a certificate in clear, for programs that check no signature."""
    cover = checked.cover.model_dump(mode="json", exclude_none=True)
    return {"certificate": cover, "lines": dict(checked.lines), "key": checked.key}


def backups_until(lines: Sequence[Line]) -> date | None:
    """Return the last day on which a copy of what was erased may still be there, the day of deletion counted whole."""
    ends = [
        line.at + timedelta(days=copy.days + 1)
        for line in lines
        if isinstance(line, DatasetLine) and line.at is not None
        for copy in line.copies
    ]
    return max(ends, default=None)


def _page(
    request: Request, data_map: DataMap, lines: Sequence[Line], checked: Checked, public_url: str
) -> dict[str, Any]:
    language = request.language
    datasets = [line for line in lines if isinstance(line, DatasetLine)]
    faults = [line for line in datasets if is_fault(line)]
    titles = {line.dataset: line.title.in_language(language) for line in datasets}
    return {
        "cover": checked.cover,
        "issued_on": datetime.fromtimestamp(checked.cover.iat, UTC).date(),
        "key": checked.key,
        "keys_url": f"{public_url}/api/v1/keys",
        "datasets": [_in_language(line, language) for line in datasets],
        "faults": [_in_language(line, language) for line in faults],
        "marks": sorted(INCOMPLETE.intersection(request.attention) - {line.reason for line in faults}),
        "recipients": [
            line.model_dump() | {"titles": [titles.get(one, one) for one in line.datasets]}
            for line in lines
            if isinstance(line, RecipientLine)
        ],
        "controller": data_map.controller,
        "privacy_contact": data_map.privacy_contact,
        "authority": data_map.authority,
    }


def _in_language(line: DatasetLine, language: str) -> dict[str, Any]:
    return line.model_dump() | {
        "title": line.title.in_language(language),
        "service_title": line.service_title.in_language(language),
        "source": line.source.in_language(language) if line.source else None,
    }


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"
