"""Timer, every minute: look again at every request whose time has come."""

import logging

import azure.functions as func

from shared.wiring import services

bp = func.Blueprint()
log = logging.getLogger("privacy.timer")


@bp.function_name("waits_sweep")
@bp.timer_trigger(arg_name="timer", schedule="%SWEEP_SCHEDULE%", run_on_startup=False, use_monitor=True)
async def waits_sweep(timer: func.TimerRequest) -> None:
    """Sweep until no wait is due or the batch's share is done."""
    handled = await services().sweep_waits()
    log.info("waits_sweep handled=%d past_due=%s", handled, timer.past_due)
