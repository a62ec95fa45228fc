"""Timer triggers."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from apps import HEAD

from devhost.host.ncrontab import Schedule
from devhost.host.timers import Status, opening_status

NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
HOURLY = Schedule.parse("0 0 * * * *")


def hour(number, day=23):
    return datetime(2026, 11, day, number, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kept", "opening"),
    [
        pytest.param(None, Status(None, hour(11), NOW), id="never ran"),
        pytest.param(Status(hour(10), hour(11), hour(10)), Status(hour(10), hour(11), hour(10)), id="nothing missed"),
        pytest.param(Status(hour(7), hour(8), hour(7)), Status(hour(7), hour(8), hour(7)), id="missed some"),
        pytest.param(
            Status(hour(0), hour(0, 24), hour(0)), Status(None, hour(11), NOW), id="the schedule changed, never due"
        ),
        pytest.param(
            Status(hour(10), hour(12), hour(10)), Status(None, hour(11), NOW), id="the schedule changed, still to come"
        ),
    ],
)
def test_the_status_a_timer_starts_from(kept, opening):
    assert opening_status(kept, HOURLY, NOW) == opening


TIMERS = (
    HEAD
    + """
running = 0

@app.timer_trigger(schedule="* * * * * *", arg_name="timer")
async def slow(timer: func.TimerRequest) -> None:
    global running
    running += 1
    print("slow began beside", running - 1)
    await asyncio.sleep(1.2)
    running -= 1

@app.timer_trigger(schedule="0 0 0 1 1 *", arg_name="timer")
async def missed(timer: func.TimerRequest) -> None:
    print("missed", timer.past_due, timer.schedule_status["Last"])

@app.timer_trigger(schedule="0 0 0 1 1 *", arg_name="timer", use_monitor=False)
async def unwatched(timer: func.TimerRequest) -> None:
    print("unwatched ran")

@app.timer_trigger(schedule="%WHEN%", arg_name="timer", run_on_startup=True)
async def eager(timer: func.TimerRequest) -> None:
    print("eager", timer.past_due)

@app.timer_trigger(schedule="%NOBODY%", arg_name="timer")
async def unresolved(timer: func.TimerRequest) -> None:
    print("unresolved ran")

@app.timer_trigger(schedule="* * * * * *", arg_name="timer")
async def resting(timer: func.TimerRequest) -> None:
    print("resting ran")

@app.timer_trigger(schedule="* * * * * *", arg_name="timer")
async def failing(timer: func.TimerRequest) -> None:
    raise ValueError
"""
)


async def test_timers_run_by_the_clock(start_host, tmp_path):
    kept = tmp_path / "data" / "timers"
    kept.mkdir(parents=True)
    new_year = datetime(datetime.now(UTC).year, 1, 1, tzinfo=UTC)
    long_ago = new_year - timedelta(days=30)
    status = {"Last": long_ago.isoformat(), "Next": new_year.isoformat(), "LastUpdated": long_ago.isoformat()}
    for name in ("missed", "unwatched"):
        (kept / f"{name}.json").write_text(json.dumps(status))
    settings = {"WHEN": "0 0 0 1 1 *", "AzureWebJobs.resting.Disabled": "true"}
    host = await start_host(TIMERS, settings=settings)

    assert await host.line("worker | missed") == f"worker | missed True {long_ago.isoformat()}"
    assert await host.line("worker | eager") == "worker | eager False"
    await host.line("slow began beside 0", times=3)
    assert host.count("slow began beside 1") == 0
    await host.line("failing", times=3)
    assert host.count("unresolved does not run: %NOBODY% does not resolve: no such app setting") == 1
    assert [host.count(name) for name in ("unwatched ran", "resting ran")] == [0, 0]

    await host.until(lambda: json.loads((kept / "missed.json").read_text())["Last"] > status["Next"])
    coming = new_year.replace(year=new_year.year + 1)
    assert json.loads((kept / "missed.json").read_text())["Next"] == coming.isoformat()
    await host.stop()
    await host.start()
    await host.line("worker | eager")
    assert host.count("worker | missed") == 0
