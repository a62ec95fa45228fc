"""The timer that drops flood counters."""

from datetime import timedelta

import azure.functions as func
from builders import called, memory_services

HOUR = timedelta(hours=1)


async def test_counters_go_once_their_window_has_ended(caplog):
    world = memory_services()
    world.limits.admit("scope", "key", 1, HOUR)
    world.clock.advance(hours=1)
    world.limits.admit("scope", "key", 1, HOUR)
    with caplog.at_level("INFO"):
        await called("limits_sweep", func.TimerRequest())
    assert "limits_sweep dropped=1 past_due=False" in caplog.text
    assert await world.limits.sweep(world.clock.now + HOUR) == 1
