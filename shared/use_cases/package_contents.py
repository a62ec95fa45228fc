"""The files that close a package: what a person reads first, what Article 15 owes them, and what is in the box."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from shared.domain.data_map import DataMap
from shared.domain.dossier import Dossier
from shared.domain.request import Request
from shared.domain.service_task import TaskState, Work
from shared.ports.requests import Case
from shared.ports.world import Renderer
from shared.use_cases.asked import COPIES, copies_asked
from shared.use_cases.copy_states import CopyStates
from shared.use_cases.portable import PORTABILITY, README, data_schema, schema_path
from shared.use_cases.writing_fragments import Indexed

RIGHTS = ("rectification", "erasure", "restriction", "objection", "portability", "withdraw_consent", "complaint")
_BESIDE = frozenset({"files", "service_title", "right"})  # of what is told, not Article 15 information


def closing_files(
    case: Case, dossier: Dossier, data_map: DataMap, members: Sequence[Indexed], renderer: Renderer
) -> list[tuple[str, bytes]]:
    """Return path and bytes of the files that explain the others; the same input, the same bytes.

    A copy for its person: `article15.json` (GDPR Art. 15(1) and (2)); for other programs: a README and a schema for
    each dataset (Art. 20). Always `index.html` (Art. 12(1)) and `manifest.json`: what is missing, withheld, or not
    opened by this proof is said, with the reason.
    """
    request = case.request.row
    told = {
        right: CopyStates(case=case, dossier=dossier, data_map=data_map, right=right, members=members).told()
        for right in copies_asked(request)
    }
    access, portable = told.get("access"), told.get(PORTABILITY)
    files: list[tuple[str, bytes]] = []
    if portable is not None:
        files += _for_programs(request, data_map, portable, renderer)
    if access is not None:
        files.append(("article15.json", _json(_information(request, data_map, access))))
    index = {
        "request": {
            "id": request.id,
            "right": copies_asked(request)[0],
            "received_at": request.received_at,
            "assembled_at": request.export.started_at if request.export else request.received_at,
            "language": request.language,
        },
        "subject": {"identifiers": _identifiers(dossier)},
        "controller": data_map.controller,
        "privacy_contact": data_map.privacy_contact,
        "authority": data_map.authority,
        "parts": [{"tenant": part.tenant} for part in request.parts if part.right in COPIES],
        "datasets": access or [],
        "portable": portable,
        "missing": [one for one in (access or portable or []) if one["state"] in {"missing", "incomplete"}],
    }
    files.append(("index.html", renderer.package_index(request.language, index)))
    every = [*(access or []), *(portable or []), *_left(case, data_map)]
    return [*files, ("manifest.json", _json(_manifest(request, members, files, every)))]


def _for_programs(
    request: Request, data_map: DataMap, told: Sequence[Mapping[str, Any]], renderer: Renderer
) -> list[tuple[str, bytes]]:
    described = {one["id"] for one in told if one["schema"]}
    values = {"request": request.id, "controller": data_map.controller, "privacy_contact": data_map.privacy_contact}
    return [
        (README, renderer.package_readme(request.language, values)),
        *(
            (schema_path(dataset), _json(data_schema(dataset, request.language)))
            for _, dataset in data_map.datasets()
            if dataset.id in described
        ),
    ]


def _information(request: Request, data_map: DataMap, told: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "request": _request(request),
        "controller": data_map.controller.model_dump(),
        "privacyContact": data_map.privacy_contact.model_dump(),
        "complaint": data_map.authority.model_dump(),
        "rights": list(RIGHTS),
        "dataMapVersion": request.map_version,
        "datasets": [{key: value for key, value in one.items() if key not in _BESIDE} for one in told],
    }


def _left(case: Case, data_map: DataMap) -> list[dict[str, Any]]:
    """Return what stands in the manifest for services that were asked and are not in the map any more."""
    return [
        {
            "id": task.service,
            "service": task.service,
            "right": case.request.row.parts[task.part].right,
            "state": "missing",
            "records": 0,
            "reason": task.reason,
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
        "datasets": [_told_of(one) for one in told],
    }


def _told_of(one: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the manifest says of a dataset under one right; what there is nothing to say of is left out."""
    told = {name: one[name] for name in ("id", "service", "right", "state", "records")}
    optional = {
        "reason": one.get("reason"),
        "legalBasis": one.get("legal_basis") if one.get("reason") == "legal_basis" else None,
        "withheldFields": one.get("withheld"),
        "withheldItems": one.get("excluded"),
        "redactedItems": one.get("redacted"),
        "unreviewed": one.get("unreviewed"),
    }
    return told | {name: value for name, value in optional.items() if value}


def _request(request: Request) -> dict[str, Any]:
    return {
        "id": request.id,
        "right": copies_asked(request)[0],
        "rights": list(copies_asked(request)),
        "receivedAt": request.received_at.isoformat(),
        "dueAt": request.due_at.isoformat(),
        "dataMapVersion": request.map_version,
    }


def _identifiers(dossier: Dossier) -> list[dict[str, str]]:
    seen = {(one.kind, one.value): one for person in dossier.people for one in person}
    return [{"kind": one.kind, "value": one.value, "standing": one.standing.value} for one in seen.values()]


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"
