"""Which calls of a life to break, and every life that follows."""

from collections.abc import Awaitable, Callable, Collection

from faulty_world import Fault, Seam, World


def sampled(world: World, kept: Callable[[Seam], bool] = lambda _: True) -> list[tuple[Seam, int]]:
    """Return the calls to break: of every seam its first write, one in between and its last, or else its first call.

    A life of days crosses some seams dozens of times in the same way; breaking each would say little more.
    """
    assert world.life.writes
    found: list[tuple[Seam, int]] = []
    for seam in filter(kept, world.life.calls):
        wrote = world.life.writes.get(seam, [1])
        found += [(seam, at) for at in sorted({wrote[0], wrote[len(wrote) // 2], wrote[-1]})]
    return found


async def all_mended(
    what: str,
    kind: str,
    chosen: Collection[tuple[Seam, int]],
    lived: Callable[[Fault], Awaitable[tuple[World, list[str]]]],
    told: Callable[[tuple[str, int, int, int, int]], None],
) -> None:
    """Live once for every call that is to break; every such life has to come to the same end."""
    wrong, crashes = {}, 0
    for seam, at in chosen:
        fault = Fault(seam, kind, at)
        try:
            world, found = await lived(fault)
            crashes += world.life.crashes
        except AssertionError as error:
            found = [str(error)]
        if found or not fault.struck:
            wrong[f"{'/'.join(seam)} #{at}"] = found or ["it never broke"]
    told((f"{what}, {kind}", len({seam for seam, _ in chosen}), len(chosen), crashes, len(chosen) - len(wrong)))
    assert not wrong, wrong
