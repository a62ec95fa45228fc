"""A whole correction in which a vendor in its own process has a part, however it answers and whatever it does wrong."""

import json

import pytest
from builders import MIRA
from vendor_world import DATASETS, ended, world

from shared.domain.service_task import TaskState, Work

RIGHT = "Ms Horvat's list"
SUBMITTED = {
    "rights": ("rectification",),
    "details": {
        "rectification": {"corrections": [{"dataset": one, "field": "list", "value": RIGHT} for one in DATASETS]}
    },
}


def correcting(folder, mode, **how):
    return world(folder, mode, Work.RECTIFY, SUBMITTED, **how)


def must_be_right(it, task):
    assert task.counts == dict.fromkeys(DATASETS, 2)
    for name in DATASETS:
        hers, others, again = it.vendor.raw(name).splitlines(keepends=True)
        assert others == it.others[name]
        for line in (hers, again):
            assert json.loads(line) == {"email": MIRA.email, "tenantId": MIRA.tenant, "list": RIGHT}


@pytest.mark.parametrize("mode", ["at_once", "polling", "callback"])
async def test_every_record_says_so_at_a_second_look(tmp_path, mode):
    async with correcting(tmp_path, mode, takes=0.1) as it:
        request, task = await it.until(ended)
        assert (request.state.value, task.state) == ("completed", TaskState.DONE)
        must_be_right(it, task)
        assert it.statuses.count(204) == (2 if mode == "callback" else 0)


@pytest.mark.parametrize("kind", ["garbage", "empty", "claims_with_rest", "gave_up", "denied"])
async def test_what_is_no_evidence_waits_for_an_operator(tmp_path, kind):
    async with correcting(tmp_path, "at_once") as it:
        await it.fault("rectification", kind, times=99)
        _, task = await it.until(lambda request, task: task is not None and task.state is TaskState.MANUAL)
        assert task.counts == {}
        assert task.reason in {"no_evidence", "vendor_failed", "access_denied"}


@pytest.mark.parametrize("kind", ["throttled", "broken"])
async def test_what_passes_is_tried_again(tmp_path, kind):
    async with correcting(tmp_path, "at_once") as it:
        await it.fault("rectification", kind, times=2)
        request, task = await it.until(ended)
        assert request.state.value == "completed"
        must_be_right(it, task)
