"""What a right is to the system: its code, its articles, and what it asks for. Law as data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RightSpec:
    """One right. `code` is its word on the wire; `legal_refs` are the articles it rests on."""

    code: str
    legal_refs: tuple[str, ...]
