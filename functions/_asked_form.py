"""What a person fills in to ask for one right, read from the form's fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from functions._rights_asked import rights_of
from shared.domain.ask import Ask, Representative
from shared.domain.request import Language
from shared.messages.inputs import SubmitRequest

ROWS = (1, 2, 3)  # corrections that the form has room for


@dataclass(frozen=True, slots=True)
class AskedForm:
    """A filled-in form. `errors` says by field what is not right; nothing is submitted then."""

    values: Mapping[str, list[str]]
    errors: dict[str, str] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """Return what stands in a field last, or nothing."""
        return self.values.get(name, [""])[-1].strip()

    def submission(self, language: Language) -> SubmitRequest:
        """Return the request that is asked; look at `errors` before it is sent."""
        choice = self.one("right") or "access"
        rights = rights_of(choice)
        ask = self._ask(choice)
        details = {rights[-1]: ask} if ask is not None and ask != Ask() else {}
        return SubmitRequest.model_construct(
            rights=rights,
            details=details,
            representative=self._representative(),
            email=self.one("email"),
            language=language,
        )

    def _ask(self, choice: str) -> Ask | None:
        corrections = [
            {"dataset": dataset, "field": name, "value": self.one(f"value-{row}")}
            for row in ROWS
            for dataset, _, name in (self.one(f"field-{row}").partition("/"),)
            if dataset
        ]
        given: dict[str, Any] = {
            "datasets": self.values.get("dataset", []),
            "purposes": self.values.get("purpose", []),
            "ground": self.one("ground") or None,
            "corrections": corrections,
            "statement": self.one("statement") or None,
            "about": self.one("about").lower() or None,
        }
        if choice == "rectification" and not corrections and given["statement"] is None:
            self.errors["field-1"] = "missing"
        if choice == "complaint" and given["statement"] is None:
            self.errors["statement"] = "missing"
        if choice == "restriction" and given["ground"] is None:
            self.errors["ground"] = "missing"
        return self._checked(Ask, given, {"corrections": "field-1", "datasets": "scope", "purposes": "scope"})

    def _representative(self) -> Representative | None:
        if self.one("representative") != "yes":
            return None
        given = {
            "relation": self.one("relation"),
            "email": self.one("representative_email"),
            "child": self.one("child") == "yes",
        }
        return self._checked(Representative, given, {"email": "representative_email"})

    def _checked[M: BaseModel](self, model: type[M], given: dict[str, Any], names: Mapping[str, str]) -> M | None:
        try:
            return model.model_validate(given)
        except ValidationError as error:
            for one in error.errors(include_input=False, include_context=False, include_url=False):
                place = str(one["loc"][0]) if one["loc"] else ""
                self.errors[names.get(place, place)] = "invalid"
            return None
