"""Limits on processing held in memory."""

from collections.abc import Sequence

from shared.domain.measure import Measure


class MemoryMeasures:
    """By handle: a version, and measures by id."""

    def __init__(self) -> None:
        self._under: dict[str, tuple[int, dict[str, Measure]]] = {}
        self._keeping: set[str] = set()

    async def put(self, handles: Sequence[str], measure: Measure) -> dict[str, int]:
        """Set a measure."""
        versions = {}
        for handle in handles:
            if measure.keeps:
                self._keeping.add(handle)
            version, there = self._under.get(handle, (0, {}))
            after = measure.after(there.get(measure.id))
            if there.get(measure.id) != after:
                version += 1
                self._under[handle] = (version, there | {measure.id: after})
            versions[handle] = version
        return versions

    async def of(self, handle: str) -> tuple[Sequence[Measure], int]:
        """Return what is under a handle."""
        version, there = self._under.get(handle, (0, {}))
        return [there[name] for name in sorted(there)], version

    async def remove(self, handle: str, measure_id: str) -> None:
        """Forget a measure."""
        version, there = self._under.get(handle, (0, {}))
        if measure_id in there:
            self._under[handle] = (version, {name: one for name, one in there.items() if name != measure_id})

    async def keeping(self) -> frozenset[str]:
        """Return the handles of what keeps data."""
        return frozenset(self._keeping)
