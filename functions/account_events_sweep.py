"""Timer, once an hour: forget what the app told of accounts long enough ago."""

import logging

import azure.functions as func

from shared.wiring import services

bp = func.Blueprint()
log = logging.getLogger("privacy.timer")


@bp.function_name("account_events_sweep")
@bp.timer_trigger(arg_name="timer", schedule="0 47 * * * *", run_on_startup=False, use_monitor=True)
async def account_events_sweep(timer: func.TimerRequest) -> None:
    """Forget events, and shred the keys of the addresses in them."""
    forgotten = await services().noting_account_events.sweep()
    log.info("account_events_sweep forgotten=%d past_due=%s", forgotten, timer.past_due)
