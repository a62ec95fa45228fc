"""What notices tell where others than the person have a part in a case: its controller, a service, our operators."""

from typing import Any

from shared.use_cases.notice_about import About


def controller_of(about: About) -> dict[str, Any]:
    """Return who the controller is and how to reach it, as far as its terms let us say so."""
    tenant = about.tenant
    if tenant is None or not tenant.term.may_name_controller:
        return {"controller": None, "contact": None}
    return {"controller": tenant.name, "contact": next(iter(tenant.contacts), None)}


def forwarded(about: About) -> dict[str, Any]:
    """Return to whom a case went, and when its answer is due."""
    return controller_of(about) | {"due_at": about.request.due_at}


def to_controller(about: About, cases_url: str) -> dict[str, Any]:
    """Return what a customer is asked to look at: never who it is about, nor a word of theirs."""
    request = about.request
    return {
        "controller": about.tenant.name if about.tenant else "",
        "due_at": request.due_at,
        "case": request.id,
        "case_link": cases_url.format(tenant=request.tenant, case=request.id),
    }


def operator_alert(about: About) -> dict[str, Any]:
    """Return what our operators should look at."""
    return {"code": about.subject, "due_at": about.request.due_at, "case": about.request.id}


def service_reminder(about: About) -> dict[str, Any]:
    """Return the title of the service that is late, and the task of its that is due first."""
    service = about.data_map.service(about.subject)
    late = [
        task for task in about.case.tasks.values() if task.row.service == about.subject and not task.row.state.has_ended
    ]
    first = min(late, key=lambda task: task.row.due_at, default=None)
    return {
        "service": service.title.in_language("en") if service else about.subject,
        "due_at": first.row.due_at if first else about.request.due_at,
        "task": f"{about.request.id}.{first.row.key}" if first else about.request.id,
    }
