"""What a person chooses on the first page, and the rights that stands for."""

_RIGHTS = {"access": ("access",), "erasure": ("erasure",), "both": ("access", "erasure")}


def rights_of(choice: str) -> tuple[str, ...]:
    """Return the rights behind a choice; one that is none stands for itself, for intake to refuse."""
    return _RIGHTS.get(choice, (choice,))


def known_choice(choice: str | None) -> str:
    """Return a choice of the page, a copy where it is none."""
    return choice if choice in _RIGHTS else "access"
