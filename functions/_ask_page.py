"""The form to ask for one right with: what can be chosen, and what stands in it already."""

from http import HTTPStatus

import azure.functions as func

from functions._asked_form import ROWS, AskedForm
from functions._http import html
from functions._rights_asked import WITH_DETAILS, rights_of
from shared.domain.request import Language
from shared.use_cases.offered_choices import offered
from shared.wiring import services


def ask_page(language: Language, choice: str, filled: AskedForm | None = None) -> func.HttpResponse:
    """Show the form; 422 with the fields in question where it was filled in and is not right."""
    form = filled or AskedForm({})
    values = {
        "right": choice,
        "offer": offered(rights_of(choice)[-1], services().maps.current(), language),
        "rows": ROWS,
        "given": _given(form),
        "errors": form.errors,
        "signs_in": choice not in WITH_DETAILS and services().settings.sign_in_client_id is not None,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return html("ask_for", language, values, status=status)


def _given(form: AskedForm) -> dict[str, object]:
    """Return what goes back into the form: all but addresses, which are typed anew."""
    names = ("ground", "statement", "about", "representative", "relation", "child")
    rows = [f"{name}-{row}" for name in ("field", "value") for row in ROWS]
    return {name: form.one(name) for name in (*names, *rows)} | {
        "chosen": [*form.values.get("dataset", []), *form.values.get("purpose", [])]
    }
