"""A whole erasure in which a vendor in its own process has a part, however it answers and whatever it does wrong."""

import pytest
from vendor_world import DATASETS, ended, world

from shared.domain.service_task import TaskState


def must_be_gone(it, task):
    shown = {one.dataset: (one.count, one.verified) for one in task.receipts}
    assert shown == dict.fromkeys(DATASETS, (2, "looked_again"))
    for name in DATASETS:
        assert it.vendor.raw(name) == it.others[name]


@pytest.mark.parametrize("mode", ["at_once", "polling", "callback"])
async def test_every_dataset_goes_and_the_receipts_say_so(tmp_path, mode):
    async with world(tmp_path, mode, takes=0.1) as it:
        request, task = await it.until(ended)
        assert (request.state.value, task.state) == ("completed", TaskState.DONE)
        must_be_gone(it, task)
        assert it.statuses.count(204) == (2 if mode == "callback" else 0)


async def test_a_wrong_token_and_a_doubled_callback_change_nothing(tmp_path):
    async with world(tmp_path, "callback", takes=0.1) as it:
        await it.fault("callback", "wrong_token")
        await it.until(lambda request, task: 404 in it.statuses, minutes=0)
        task = await it.task()
        assert (task.state, task.answer) == (TaskState.WAITING, None)
        await it.fault("callback", "twice")
        request, task = await it.until(ended, minutes=60)
        assert request.state.value == "completed"
        must_be_gone(it, task)


async def test_an_empty_callback_leaves_the_task_waiting(tmp_path):
    async with world(tmp_path, "callback", takes=0.1) as it:
        await it.fault("callback", "empty")
        await it.until(lambda request, task: 400 in it.statuses, minutes=0)
        task = await it.task()
        assert (task.state, task.answer, task.receipts) == (TaskState.WAITING, None, ())


async def test_a_callback_past_the_time_limit_still_counts_until_an_operator_closes_the_task(tmp_path):
    async with world(tmp_path, "callback", takes=1.0) as it:
        await it.until(lambda request, task: task is not None and task.state is TaskState.WAITING, minutes=0)
        await it.it.sweep(days=3)
        await it.it.drain()
        task = await it.task()
        assert (task.state, task.reason) == (TaskState.MANUAL, "time_limit")
        await it.until(lambda request, task: 204 in it.statuses, minutes=0)
        request, task = await it.until(ended, minutes=60)
        assert request.state.value == "completed"
        must_be_gone(it, task)


@pytest.mark.parametrize("kind", ["garbage", "empty", "claims_with_rest", "bomb", "redirect", "gave_up"])
async def test_what_is_no_evidence_waits_for_an_operator(tmp_path, kind):
    async with world(tmp_path, "at_once") as it:
        await it.fault("erasure", kind, times=99)
        _, task = await it.until(lambda request, task: task is not None and task.state is TaskState.MANUAL)
        assert task.receipts == ()
        assert task.reason in {"no_evidence", "answer_too_large", "redirected", "vendor_failed"}


@pytest.mark.parametrize("kind", ["throttled", "broken"])
async def test_what_passes_is_tried_again(tmp_path, kind):
    async with world(tmp_path, "at_once") as it:
        await it.fault("erasure", kind, times=2)
        request, task = await it.until(ended)
        assert request.state.value == "completed"
        must_be_gone(it, task)
