"""Turns held in memory."""

from shared.domain.request import RequestId


class MemoryTurns:
    """Who has whose turn."""

    def __init__(self) -> None:
        self.held: dict[str, RequestId] = {}

    async def take(self, subject_ref: str, request_id: RequestId) -> RequestId:
        """Take a turn."""
        return self.held.setdefault(subject_ref, request_id)

    async def leave(self, subject_ref: str, request_id: RequestId) -> None:
        """Give a turn back."""
        if self.held.get(subject_ref) == request_id:
            del self.held[subject_ref]
