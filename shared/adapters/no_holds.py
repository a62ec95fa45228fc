"""Legal holds before there are any."""

from shared.domain.request import RequestId


class NoHolds:
    """Holds nothing."""

    async def held(self, request_id: RequestId, part: int) -> frozenset[str]:  # noqa: ARG002 - the port's
        """Return no dataset."""
        return frozenset()
