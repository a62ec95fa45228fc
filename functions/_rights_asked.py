"""What a person chooses on the first page, and the rights that stands for."""

CHOICES = (
    "access",
    "portability",
    "rectification",
    "erasure",
    "both",
    "restriction",
    "objection",
    "withdraw_consent",
    "human_review",
    "complaint",
)
WITH_DETAILS = frozenset({"rectification", "restriction", "complaint"})  # nothing can be done without them
_BOTH = ("access", "erasure")


def rights_of(choice: str) -> tuple[str, ...]:
    """Return the rights behind a choice; one that is none stands for itself, for intake to refuse."""
    return _BOTH if choice == "both" else (choice,)


def known_choice(choice: str | None) -> str | None:
    """Return a choice of the page, or None where it is none."""
    return choice if choice in CHOICES else None
