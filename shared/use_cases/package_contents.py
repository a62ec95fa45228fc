"""The files that close a package: what a person reads first, what Article 15 owes them, and what is in the box."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from shared.domain.data_map import DataMap, Dataset, Service
from shared.domain.dossier import SHARED_ADDRESS, Dossier, searchable
from shared.domain.identity import EMAIL
from shared.domain.request import Request
from shared.domain.service_task import ServiceTask, TaskState, Work
from shared.ports.requests import Case
from shared.ports.world import Renderer
from shared.use_cases.writing_fragments import Indexed

type DatasetState = Literal["included", "incomplete", "missing", "nothing_found", "needs_sign_in", "needs_address"]

RIGHTS = ("rectification", "erasure", "restriction", "objection", "portability", "withdraw_consent", "complaint")


def closing_files(
    case: Case, dossier: Dossier, data_map: DataMap, members: Sequence[Indexed], renderer: Renderer
) -> list[tuple[str, bytes]]:
    """Return path and bytes of `article15.json`, `index.html` and `manifest.json`; the same input, the same bytes.

    GDPR Art. 15(1) and (2) for the information; Art. 12(1) for its being readable. What is missing, withheld or not
    opened by this proof is said, with the reason.
    """
    request = case.request.row
    files_of: dict[str, list[Indexed]] = {}
    for one in members:
        files_of.setdefault(one.dataset, []).append(one)
    own_sources = data_map.own_sources()
    told = [
        _dataset(request, dossier, own_sources, case, service, dataset, files_of.get(dataset.id, []))
        for service, dataset in data_map.datasets()
    ]
    information = {
        "request": _request(request),
        "controller": data_map.controller.model_dump(),
        "privacyContact": data_map.privacy_contact.model_dump(),
        "complaint": data_map.authority.model_dump(),
        "rights": list(RIGHTS),
        "dataMapVersion": request.map_version,
        "datasets": [
            {key: value for key, value in one.items() if key not in {"files", "service_title"}} for one in told
        ],
    }
    index = renderer.package_index(
        request.language,
        {
            "request": {
                "id": request.id,
                "right": request.parts[0].right,
                "received_at": request.received_at,
                "assembled_at": request.export.started_at if request.export else request.received_at,
                "language": request.language,
            },
            "subject": {"identifiers": _identifiers(dossier)},
            "controller": data_map.controller,
            "privacy_contact": data_map.privacy_contact,
            "authority": data_map.authority,
            "parts": [{"tenant": part.tenant} for part in request.parts if part.right == "access"],
            "datasets": told,
            "missing": [one for one in told if one["state"] in {"missing", "incomplete"}],
        },
    )
    files = [("article15.json", _json(information)), ("index.html", index)]
    return [*files, ("manifest.json", _json(_manifest(request, members, files, [*told, *_left(case, data_map)])))]


def _left(case: Case, data_map: DataMap) -> list[dict[str, Any]]:
    """Return what stands in the manifest for services that were asked and are not in the map any more."""
    return [
        {
            "id": task.service,
            "service": task.service,
            "state": "missing",
            "records": 0,
            "reason": task.reason,
            "withheld": {},
        }
        for task in case.of(Work.EXPORT)
        if task.state is TaskState.FAILED and data_map.service(task.service) is None
    ]


def _manifest(
    request: Request, members: Sequence[Indexed], files: Sequence[tuple[str, bytes]], told: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    held = [
        {"path": one.member.path, "size": one.member.size, "sha256": one.sha256, "dataset": one.dataset}
        | ({"records": one.records} if one.name is None else {"originalName": one.name, "mediaType": one.media_type})
        for one in members
    ]
    closing = [{"path": path, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for path, data in files]
    return {
        "request": _request(request),
        "files": [*held, *closing],
        "datasets": [
            {"id": one["id"], "service": one["service"], "state": one["state"], "records": one["records"]}
            | ({"reason": one["reason"]} if one["reason"] else {})
            | ({"withheldFields": one["withheld"]} if one["withheld"] else {})
            for one in told
        ],
    }


def _request(request: Request) -> dict[str, Any]:
    return {
        "id": request.id,
        "right": request.parts[0].right,
        "receivedAt": request.received_at.isoformat(),
        "dueAt": request.due_at.isoformat(),
        "dataMapVersion": request.map_version,
    }


def _identifiers(dossier: Dossier) -> list[dict[str, str]]:
    seen = {(one.kind, one.value): one for person in dossier.people for one in person}
    return [{"kind": one.kind, "value": one.value, "standing": one.standing.value} for one in seen.values()]


def _dataset(
    request: Request,
    dossier: Dossier,
    own_sources: frozenset[str],
    case: Case,
    service: Service,
    dataset: Dataset,
    files: Sequence[Indexed],
) -> dict[str, Any]:
    language = request.language
    state, reason = _state(request, dossier, own_sources, case, service, dataset, files)
    tables = [one for one in files if one.name is None]
    return {
        "id": dataset.id,
        "title": dataset.title.in_language(language),
        "service": service.id,
        "service_title": service.title.in_language(language),
        "role": service.role.value,
        "state": state,
        "reason": reason,
        "records": sum(one.records for one in tables if one.member.path.endswith(".json")),
        "files": [{"path": one.member.path, "name": one.name, "size": one.member.size} for one in files if one.name],
        "json_path": next((one.member.path for one in tables if one.member.path.endswith(".json")), None),
        "csv_path": next((one.member.path for one in tables if one.member.path.endswith(".csv")), None),
        "tables": [one.member.path for one in tables],
        "purposes": [purpose.in_language(language) for purpose in dataset.purposes],
        "legal_basis": dataset.legal_basis,
        "categories": sorted({one.category for one in dataset.fields}),
        "source": dataset.source.in_language(language),
        "recipients": [
            {
                "name": one.name,
                "purpose": one.purpose.in_language(language),
                "country": one.country,
                "safeguard": one.safeguard.in_language(language) if one.safeguard else None,
            }
            for one in dataset.recipients
        ],
        "retention": {
            "days": dataset.retention.period.days,
            "counted_from": dataset.retention.counted_from,
            "action": dataset.retention.action,
            "source": dataset.retention.source.in_language(language),
        },
        "automated_decisions": (
            dataset.automated_decisions.in_language(language) if dataset.automated_decisions else None
        ),
        "withheld": {
            one.name: one.withhold.in_language(language) for one in dataset.fields if one.withhold is not None
        },
    }


def _state(
    request: Request,
    dossier: Dossier,
    own_sources: frozenset[str],
    case: Case,
    service: Service,
    dataset: Dataset,
    files: Sequence[Indexed],
) -> tuple[DatasetState, str | None]:
    searched: list[ServiceTask] = []
    for task in case.of(Work.EXPORT):
        part = request.parts[task.part]
        person = dossier.people[part.person]
        if task.service == service.id and searchable(dataset, person, own=part.own, own_sources=own_sources):
            searched.append(task)
    failed = next((task for task in searched if task.state is TaskState.FAILED), None)
    if failed is not None:
        return ("incomplete" if files else "missing"), failed.reason
    if any(dataset.id in task.unreadable for task in searched):
        return ("incomplete" if files else "missing"), "unreadable_items"
    if searched or files:
        return ("included" if files else "nothing_found"), None
    by_address = dataset.is_opened_by(EMAIL)
    if by_address and SHARED_ADDRESS in request.attention:
        return "missing", SHARED_ADDRESS
    if not request.signed_in and not by_address:
        return "needs_sign_in", None
    if dossier.email is None and by_address and dataset.tenancy == "none":
        return "needs_address", None
    return "nothing_found", None


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"
