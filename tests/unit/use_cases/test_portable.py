"""Portability: what the person brought about, for other programs, with a schema that every file keeps to."""

import csv
import io
import json

import pytest
from asking import answered, manifest_of, now, opened
from builders import CONTOSO, FABRIKAM, MIRA, FixedMaps, by, data_map, dataset, memory_services, put, service
from jsonschema import Draft202012Validator
from reviewed_cases import decide, field, include_all, reviewed_world

from shared.domain.data_map import Dataset
from shared.domain.request import Part, Request
from shared.domain.states import State
from shared.messages.inputs import SubmitRequest
from shared.use_cases.portable import data_schema, folder_of, portable

TICKETS = [{"from": MIRA.email, "subject": f"Help {n}", "body": f"Word {n}", "note": "angry"} for n in range(3)]


def stocked(**settings):
    world = reviewed_world(**settings)
    for row in world.store.drawers["memory", "users"].rows:
        row["score"] = 7
    world.store.drawers["memory", "tickets"].rows[:] = TICKETS
    return world


async def packed(world, *rights, **how):
    request = await answered(world, signed_in=True, rights=rights, **how)
    if request.state is State.REVIEWING:
        await include_all(world, request.id)
        await world.drain()
    return await now(world, request.id)


async def files_of(world, request):
    with await opened(world, request.id) as package:
        return {name: package.read(name) for name in package.namelist()}


def told(manifest, right):
    return {one["id"]: one for one in manifest["datasets"] if one["right"] == right}


async def test_a_package_for_other_programs_holds_what_the_person_brought_about_and_no_article_15():
    world = stocked()
    request = await packed(world, "portability")
    assert request.state is State.COMPLETED
    files = await files_of(world, request)
    assert {name for name in files if not name.startswith("portability/")} == {"index.html", "manifest.json"}
    assert json.loads(files["portability/data/users.json"])["records"] == [{"name": "Mira Kovač"}]
    rows = list(csv.reader(io.StringIO(files["portability/data/users.csv"].decode("utf-8-sig"))))
    assert rows == [["name"], ["Mira Kovač"]]
    assert b"score" not in files["portability/data/users.json"]
    assert json.loads(files["portability/data/tickets.json"])["records"] == [
        {name: one[name] for name in ("from", "subject", "body")} for one in TICKETS
    ]


async def test_every_file_keeps_to_the_schema_beside_it():
    world = stocked()
    files = await files_of(world, await packed(world, "access", "portability"))
    schemas = [name for name in files if name.endswith(".schema.json")]
    assert set(schemas) == {f"portability/data/{name}.schema.json" for name in ("users", "tickets")}
    for name in schemas:
        schema = json.loads(files[name])
        Draft202012Validator.check_schema(schema)
        document = json.loads(files[name.replace(".schema", "")])
        assert document["records"]
        assert list(Draft202012Validator(schema).iter_errors(document)) == []
        document["records"][0]["planted"] = 1
        assert list(Draft202012Validator(schema).iter_errors(document)) != []


async def test_the_manifest_says_why_each_other_dataset_is_not_there():
    world = stocked()
    manifest = await manifest_of(world, (await packed(world, "portability")).id)
    of = told(manifest, "portability")
    assert {name: (one["state"], one.get("reason")) for name, one in of.items()} == {
        "users": ("included", None),
        "tickets": ("included", None),
        "calls": ("included", None),
        "leads": ("right_not_applicable", "legal_basis"),
        "ratings": ("right_not_applicable", "origin"),
    }
    assert of["leads"]["legalBasis"] == "A6-1-f"
    assert manifest["request"]["right"] == "portability"


async def test_both_copies_lie_in_one_package_and_are_looked_through_once():
    world = stocked()
    request = await answered(world, signed_in=True, rights=("access", "portability"))
    assert [(one.part, one.dataset) for one in request.review.sheets] == [(0, "calls"), (0, "tickets")]
    others = {"ground": "rights_of_others"}
    await decide(
        world,
        request.id,
        {"item": "1.0", "decision": "exclude", **others},
        {"item": "1.1", "decision": "redact", "withhold": ["body"], **others},
        {"dataset": "tickets", "decision": "include"},
        {"dataset": "calls", "decision": "include"},
    )
    await world.drain()
    request = await now(world, request.id)
    assert request.state is State.COMPLETED
    files = await files_of(world, request)
    whole = json.loads(files["data/tickets.json"])["records"]
    assert whole == [TICKETS[1] | {"body": "[redacted]"}, TICKETS[2]]
    assert json.loads(files["portability/data/tickets.json"])["records"] == [
        {name: one[name] for name in ("from", "subject", "body")} for one in whole
    ]
    assert files["files/calls/000001.wav"] == files["portability/files/calls/000001.wav"]
    manifest = await manifest_of(world, request.id)
    for right in ("access", "portability"):
        assert told(manifest, right)["tickets"]["withheldItems"] == [{"ground": "rights_of_others", "count": 1}]
    assert told(manifest, "access")["users"]["records"] == told(manifest, "portability")["users"]["records"] == 1


async def test_only_what_was_asked_is_handed_over_and_the_rest_is_called_not_asked():
    world = stocked()
    submitted = SubmitRequest.model_validate(
        {"rights": ["access", "portability"], "details": {"access": {"datasets": ["users"]}}}
    )
    request = await world.submit(submitted, MIRA.caller(), "en", "api", b"{}", None)
    await world.drain()
    request = await packed_of(world, request.id)
    manifest = await manifest_of(world, request.id)
    assert {name: one["state"] for name, one in told(manifest, "access").items()} == {
        "users": "included",
        **dict.fromkeys(("tickets", "calls", "leads", "ratings"), "not_asked"),
    }
    assert told(manifest, "portability")["users"]["state"] == "included"


async def packed_of(world, request_id):
    request = await now(world, request_id)
    if request.state is State.REVIEWING:
        await include_all(world, request_id)
        await world.drain()
    return await now(world, request_id)


async def test_a_package_tells_of_services_in_its_own_role_alone():
    theirs = service("mailboxes", dataset("usage", fields=["oid"], found_by=[by("entra_object_id", "oid")]))
    ours = service("signups", dataset("accounts", fields=["oid"], found_by=[by("entra_object_id", "oid")]))
    world = memory_services(maps=FixedMaps(data_map([ours, theirs | {"role": "processor"}])))
    put(world.store, "accounts")
    request = await answered(world)
    files = await files_of(world, request)
    assert {one["id"] for one in json.loads(files["manifest.json"])["datasets"]} == {"accounts"}
    for name in ("index.html", "article15.json", "manifest.json"):
        assert b"mailboxes" not in files[name].lower()


@pytest.mark.parametrize("language", ["en", "nl"])
async def test_a_readme_explains_the_files(language):
    world = stocked()
    submitted = SubmitRequest(rights=("portability",), language=language)
    request = await world.submit(submitted, MIRA.caller(), language, "api", b"{}", None)
    await world.drain()
    files = await files_of(world, await packed_of(world, request.id))
    readme = files["portability/README.txt"].decode()
    assert request.id in readme
    assert {"en": "Your data, for other programs", "nl": "Uw gegevens, voor andere programma's"}[language] in readme
    assert "portability/README.txt" in files["index.html"].decode()
    assert "article15.json" not in files["index.html"].decode()


def test_each_right_and_person_has_a_folder_of_its_own():
    rights = ("objection", "access", "access", "portability", "portability")
    parts = tuple(
        Part(right=right, tenant=tenant, state=State.RECEIVED)
        for right, tenant in zip(rights, (None, CONTOSO, FABRIKAM, CONTOSO, FABRIKAM), strict=True)
    )
    request = Request.model_construct(parts=parts)
    assert [folder_of(request, number) for number in range(1, 5)] == [
        "",
        "part-2/",
        "portability/",
        "portability/part-2/",
    ]


NESTED = Dataset.model_validate(
    dataset(
        "profiles",
        tenancy="none",
        fields=[
            field("name"),
            field("address.city"),
            field("address.lines.text"),
            field("flat.name"),
            field("address.score", "derived"),
        ],
        found_by=[by("email", "mail")],
    )
)
COLUMNS = ["name", "address.city", "address.lines.text", "flat.name"]


def test_nested_fields_are_cut_out_of_what_lies_around_them_and_described():
    record = {
        "name": "Mira",
        "flat.name": "flat",
        "address": {"city": "Utrecht", "score": 9, "lines": [{"text": "a", "by": "us"}, [{"text": "b"}]]},
        "other": 1,
    }
    (cut,) = portable([record], COLUMNS)
    assert cut == {
        "name": "Mira",
        "flat.name": "flat",
        "address": {"city": "Utrecht", "lines": [{"text": "a"}, [{"text": "b"}]]},
    }
    schema = data_schema(NESTED, "en")
    Draft202012Validator.check_schema(schema)
    check = Draft202012Validator(schema)
    assert check.is_valid({"dataset": "profiles", "records": [cut]})
    assert not check.is_valid({"dataset": "profiles", "records": [record]})
    assert not check.is_valid({"dataset": "profiles", "records": [{"address": {"score": 9}}]})
