"""The sample service's own work: whatever call it dies at, a repeat ends it with the same count."""

import json

import pytest

from samples.telemetry_service.privacy import TryAgain
from samples.telemetry_service.records import Event, Records
from samples.telemetry_service.tasks import Tasks

HERE, ELSEWHERE = "tenant-1", "tenant-2"
ANNA = [{"kind": "entra_object_id", "value": "anna", "tenant": HERE}, {"kind": "email", "value": "anna@x.example"}]
CALLS = 3  # claim, claim again, answer


class Killed(BaseException):
    """The process ends here."""


class Played:
    """The privacy service, which may be the last thing its caller ever sees."""

    def __init__(self, work="erase", action="delete", at_most=None, values=None, dies_at=None, after=False):
        dataset = {"id": "events", "identifiers": ANNA, "action": action, "atMost": at_most, "values": values or {}}
        self.claimed = {"work": work, "mayProceed": True, "datasets": [dataset], "upload": {"url": "https://blob"}}
        self.claims = [self.claimed] * 9
        self.uploads, self.answers, self._calls = [], [], 0
        self._dies_at, self._after = dies_at, after

    def _step(self, do):
        self._calls += 1
        last = self._calls == self._dies_at
        if last and not self._after:
            raise Killed
        done = do()
        if last:
            raise Killed
        return done

    async def claim(self, task_id):
        return self._step(lambda: self.claims.pop(0))

    async def upload(self, url, data):
        self._step(lambda: self.uploads.append(data))

    async def answer(self, task_id, outcome):
        self._step(lambda: self.answers.append(outcome))


def event(owner, number, tenant=HERE, dataset="events"):
    return Event(dataset, tenant, owner, {"itemType": "request", "number": number, "page": "/x"})


@pytest.fixture
def records(tmp_path):
    records = Records(tmp_path)
    anna, both = (("entra_object_id", "anna"),), (("entra_object_id", "anna"), ("email", "anna@x.example"))
    records.add([event(anna, 1), event(both, 2), event((("email", "anna@x.example"),), 3, tenant=None)])
    records.add([event((("entra_object_id", "ben"),), 4), event(anna, 5, ELSEWHERE), event(anna, 6, dataset="other")])
    yield records
    records.close()


def left(records) -> list[int]:
    return [json.loads(text)["number"] for (text,) in records._database.execute("SELECT record FROM events")]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("dies_at", range(1, CALLS + 1))
async def test_an_erasure_that_died_at_any_call_ends_with_the_same_count(records, dies_at, after):
    first = Played(dies_at=dies_at, after=after)
    with pytest.raises(Killed):
        await Tasks(first, records).do("t")
    again = Played()
    await Tasks(again, records).do("t")
    told = {"id": "events", "count": 3, "remaining": 0, "method": "sqlite delete"}
    assert again.answers == [{"status": "done", "datasets": [told]}]
    assert left(records) == [4, 5, 6]


async def test_a_deletion_that_is_cut_off_takes_nothing(records):
    records._database.execute("CREATE TRIGGER cut BEFORE INSERT ON erasures BEGIN SELECT RAISE(ABORT, 'cut off'); END")
    with pytest.raises(Exception, match="cut off"):
        await Tasks(Played(), records).do("t")
    assert left(records) == [1, 2, 3, 4, 5, 6]


async def test_a_dry_run_counts_and_touches_nothing(records):
    played = Played("survey")
    await Tasks(played, records).do("t")
    assert played.answers == [{"status": "done", "datasets": [{"id": "events", "count": 3, "remaining": 3}]}]
    assert left(records) == [1, 2, 3, 4, 5, 6]


async def test_a_copy_is_one_line_a_record_in_one_upload(records):
    played = Played("export")
    await Tasks(played, records).do("t")
    (data,) = played.uploads
    lines = [json.loads(line) for line in data.splitlines()]
    assert [(one["dataset"], one["record"]["number"]) for one in lines] == [("events", 1), ("events", 2), ("events", 3)]
    assert played.answers == [{"status": "done", "datasets": []}]


async def test_anonymised_events_are_found_no_more_and_say_nothing_of_the_person(records):
    played = Played(action="anonymise")
    await Tasks(played, records).do("t")
    (answer,) = played.answers
    assert answer["datasets"] == [{"id": "events", "count": 3, "remaining": 0, "method": "sqlite anonymise"}]
    kept = [json.loads(text) for (text,) in records._database.execute("SELECT record FROM events ORDER BY id")]
    assert kept[:3] == [{"itemType": "request"}] * 3
    assert [one["number"] for one in kept[3:]] == [4, 5, 6]


async def test_a_correction_says_so_in_the_type_that_each_field_has_and_again_is_harmless(records):
    before = [json.loads(text) for (text,) in records._database.execute("SELECT record FROM events ORDER BY id")]
    values = {"page": "/y", "number": "7", "note": "added"}
    for _ in range(2):
        played = Played("rectify", values=values)
        await Tasks(played, records).do("t")
        told = {"id": "events", "count": 3, "remaining": 0, "method": "sqlite update"}
        assert played.answers == [{"status": "done", "datasets": [told]}]
    after = [json.loads(text) for (text,) in records._database.execute("SELECT record FROM events ORDER BY id")]
    assert after[:3] == [{"itemType": "request", "number": 7, "page": "/y", "note": "added"}] * 3
    assert after[3:] == before[3:]


async def test_a_value_of_another_type_changes_nothing_and_is_said(records):
    played = Played("rectify", values={"page": "/y", "number": "many"})
    await Tasks(played, records).do("t")
    assert played.answers == [{"status": "failed", "code": "value_does_not_fit"}]
    assert left(records) == [1, 2, 3, 4, 5, 6]


async def test_work_it_does_not_know_is_not_done(records):
    played = Played("whatever")
    await Tasks(played, records).do("t")
    assert played.answers == [{"status": "failed", "code": "unknown_work"}]
    assert left(records) == [1, 2, 3, 4, 5, 6]


async def test_more_than_allowed_is_told_and_left(records):
    played = Played(at_most=2)
    await Tasks(played, records).do("t")
    counted = [{"id": "events", "count": 3, "remaining": 3}]
    assert played.answers == [{"status": "failed", "code": "more_than_planned", "datasets": counted}]
    assert left(records) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize("told", ["ended", "stopped"])
async def test_nothing_is_touched_once_the_task_has_ended_or_was_stopped(records, at, told):
    played = Played()
    played.claims[at] = None if told == "ended" else played.claimed | {"mayProceed": False, "datasets": []}
    await Tasks(played, records).do("t")
    assert (played.answers, left(records)) == ([], [1, 2, 3, 4, 5, 6])


async def test_what_may_pass_is_passed_on_to_whoever_settles_the_message(records):
    class Unreachable(Played):
        async def claim(self, task_id):
            raise TryAgain("status 503")

    with pytest.raises(TryAgain):
        await Tasks(Unreachable(), records).do("t")
