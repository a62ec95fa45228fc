"""Timer, once an hour: drop the flood counters whose windows have ended."""

import logging

import azure.functions as func

from shared.wiring import services

bp = func.Blueprint()
log = logging.getLogger("privacy.timer")


@bp.function_name("limits_sweep")
@bp.timer_trigger(arg_name="timer", schedule="0 17 * * * *", run_on_startup=False, use_monitor=True)
async def limits_sweep(timer: func.TimerRequest) -> None:
    """Sweep the counters, which are rows without a lifetime of their own."""
    world = services()
    dropped = await world.limits.sweep(world.clock())
    log.info("limits_sweep dropped=%d past_due=%s", dropped, timer.past_due)
