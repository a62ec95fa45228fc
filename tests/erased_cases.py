"""Cases at the end of an erasure: what was decided, what each service shows for it, who was told."""

from datetime import UTC, datetime, timedelta

from builders import CONTOSO, FABRIKAM, MIRA

from shared.domain.dossier import Dossier
from shared.domain.erasure import Action, ErasureReceipt, Found, plan
from shared.domain.identity import Identifier, Standing
from shared.domain.request import Erasing, Part, Request, RequestId
from shared.domain.service_task import ServiceTask, TaskState, Work
from shared.domain.states import State
from shared.ports.requests import Case, Versioned

ASKED, DONE_AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC), datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
REQUEST_ID = RequestId("6f1d7c1e-6a0b-4f3b-9d55-0a1b2c3d4e5f")
VALUES = {"email": MIRA.email, "entra_object_id": MIRA.object_id, "contact_id": "c-aaaa"}


def dossier_of(*kinds, email=None, parts=1):
    """Somebody who proved these kinds of identifier; all of them when none is named."""
    known = kinds or ("email", "entra_object_id", "contact_id")
    people = tuple(
        tuple(
            Identifier(kind=kind, value=VALUES[kind], tenant=tenant, standing=Standing.PROVEN, source="proof")
            for kind in known
        )
        for tenant in (CONTOSO, FABRIKAM)[:parts]
    )
    return Dossier(email=email or (MIRA.email if "email" in known else None), people=people)


def decided(data_map, found, held=frozenset(), parts=(0,)):
    """A plan over the datasets that were searched."""
    counts = {(part, name): Found(count=count) for part in parts for name, count in found.items()}
    return plan(data_map, counts, held, ASKED)


def erased(dataset, count, *, action=Action.DELETE, verified="looked_again", at=DONE_AT):
    method = f"logical {action.value}, memory"
    return ErasureReceipt(dataset=dataset, action=action, count=count, method=method, at=at, verified=verified)


def done(service, *receipts, plan, turn=1, part=0):
    decisions = tuple(
        one for one in plan.decisions if one.service == service and one.part == part and one.action is not Action.RETAIN
    )
    return ServiceTask(
        stage=f"erase{turn}-0",
        part=part,
        service=service,
        work=Work.ERASE,
        lane="stores",
        state=TaskState.DONE,
        due_at=DONE_AT,
        decisions=decisions,
        receipts=receipts,
        ended_at=DONE_AT,
    )


def failed(service, reason, *receipts, plan, turn=1, part=0, state=TaskState.FAILED):
    return done(service, *receipts, plan=plan, turn=turn, part=part).model_copy(
        update={"state": state, "reason": reason}
    )


def told(recipient, *datasets, state=TaskState.DONE, outcome="acknowledged", reason=None):
    return ServiceTask(
        stage="inform1",
        part=0,
        service=recipient,
        work=Work.INFORM,
        lane="recipients",
        state=state,
        due_at=DONE_AT,
        found={one: Found() for one in datasets},
        outcome=outcome,
        reason=reason,
        ended_at=DONE_AT,
    )


def case_of(plan, *tasks, turn=1, parts=1, signed_in=True, attention=()):
    request = Request(
        id=REQUEST_ID,
        state=State.CERTIFYING,
        parts=tuple(
            Part(right="erasure", tenant=tenant, own=number == 0, person=number, state=State.CERTIFYING)
            for number, tenant in enumerate((CONTOSO, FABRIKAM)[:parts])
        ),
        language="nl",
        channel="api",
        signed_in=signed_in,
        received_at=ASKED,
        due_at=ASKED + timedelta(days=30),
        body_hash="b",
        dossier=b"",
        erasure=Erasing(round=turn, plan_hash=plan.hash, started_at=DONE_AT, erased_at=DONE_AT),
        attention=attention,
    )
    held = {task.key: Versioned(row=task, etag="1") for task in tasks}
    return Case(request=Versioned(row=request, etag="1"), tasks=held, open={}, plan=plan)
