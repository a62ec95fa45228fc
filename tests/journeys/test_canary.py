"""What is marked as personal or secret is found where it belongs, and nowhere else: no log, message, row or address."""

import asyncio
import json
import re
from dataclasses import dataclass, field

import pytest
from broken_services import broken_services, with_broken
from canary import CANARY, MARK, plant, traces
from message_bus import MessageBus
from person import Package, Person
from storage_accounts import StorageAccounts
from visitors import Visitors

pytestmark = pytest.mark.stack

PERSONAL = (MARK, CANARY.oid)
APP_KEYS = ("REFERENCE_KEY_1", "CODE_KEY_1", "WRAPPING_KEY_1", "IDENTITY_HEADER")
TYPED = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b")
ADDRESS = re.compile(r"https?://[^\s\"'<>]+")
BAD_BODIES = (
    {"rights": ["access"], "email": f"{MARK} at noordzee"},
    {"rights": [MARK], "email": CANARY.email},
    {"rights": ["access"], "email": CANARY.email, "nickname": MARK},
    {"rights": ["access"], "email": {MARK: MARK}},
    {"rights": ["access"], "email": f"{MARK}@" + "x" * 300},
    {"rights": ["access"], "email": CANARY.email, "language": MARK},
)


@dataclass
class Flown:
    """Everything that the canary left behind."""

    folder: object
    requests: list[str] = field(default_factory=list)
    packages: list[Package] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)
    answers: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)
    rows: dict[str, list[bytes]] = field(default_factory=dict)
    failed_calls: int = 0


async def looks(bus, messages):
    """Peek at every message on its way, until cancelled."""
    while True:
        for some in (await bus.peeked()).values():
            messages += [str(one.raw_amqp_message).encode() + str(one).encode() for one in some]
        await asyncio.sleep(0.02)


async def goes_wrong(someone, flown):
    """Everything one can get wrong before there is a request."""
    for body in BAD_BODIES:
        answer = await someone.call("POST", "/api/v1/requests", json=body)
        assert answer.status_code == 400, (body, answer.text)
        flown.answers.append(answer.text)
    wrong = (
        ("POST", "/api/v1/requests", {"content": f'{{"email": "{CANARY.email}'.encode()}, 415),
        ("POST", "/api/v1/requests", {"content": MARK, "headers": {"Content-Type": "application/json"}}, 400),
        ("POST", "/api/privacy", {"data": {"right": "access", "email": f"{MARK}@"}}, 422),
        ("GET", "/api/v1/requests", {"headers": {"Authorization": f"Bearer {MARK}.{MARK}.{MARK}"}}, 401),
        (
            "GET",
            "/api/privacy",
            {"params": {"language": MARK}, "headers": {"Cookie": f"privacy_session=s1.{MARK}"}},
            200,
        ),
        ("GET", f"/api/v1/requests/{MARK}", {}, 404),
        ("GET", f"/api/{MARK}", {"params": {"email": CANARY.email}}, 404),
    )
    for method, path, options, status in wrong:
        answer = await someone.call(method, path, **options)
        assert answer.status_code == status, (method, path, answer.text)
        flown.answers.append(answer.text)


async def goes_by_mail(visitors, flown):
    """From an address to the package, with wrong codes and wrong secrets on the way."""
    someone = await visitors.anyone()
    await goes_wrong(someone, flown)
    request_id = (await someone.ask(CANARY.email, Idempotency_Key=f"{MARK}-key"))["id"]
    letter = await visitors.outbox.newest(CANARY.email, saying=request_id)
    for code in (MARK, "ZQCA-NARY"):
        wrong = await someone.call("POST", f"/api/v1/requests/{request_id}/verification", json={"code": code})
        assert 400 <= wrong.status_code < 500, wrong.text
        flown.answers.append(wrong.text)
    await someone.confirm(request_id, letter.code)
    flown.secrets |= {letter.code, letter.code.replace("-", "")}
    await fetches(visitors, flown, someone, request_id)


async def goes_signed_in(visitors, flown):
    """From a token to the package."""
    token = visitors.stack.token(CANARY.tenant, CANARY.oid)
    someone = await visitors.anyone(token)
    flown.secrets |= parts(token)
    await fetches(visitors, flown, someone, (await someone.ask())["id"])


def parts(token):
    """What of a token is secret or tells of its bearer: not its kind, request or times."""
    return {part for part in token.split(".") if len(part) > 40}


async def fetches(visitors, flown, someone: Person, request_id):
    """Wait for the answer, and for the customer's where there is one, and fetch both."""
    ended = await someone.ended(request_id)
    assert ended["status"] == "partially_completed"
    for one in (ended, *ended["cases"]):
        await fetches_one(visitors, flown, someone, one)
    flown.secrets |= parts(someone.bearer)


async def fetches_one(visitors, flown, someone: Person, ended):
    """Get the link wrong, get it right, and ask for another."""
    request_id, export = ended["id"], ended["export"]["id"]
    letter = await visitors.outbox.newest(CANARY.email, saying=export)
    wrong = await someone.open(export, f"{MARK}-secret")
    assert 400 <= wrong.status_code < 500, wrong.text
    opened = await someone.open(*letter.link)
    flown.addresses.append(opened.headers["Location"])
    flown.secrets.add(re.search(r"[?&]sig=([^&]+)", opened.headers["Location"])[1])
    flown.packages.append(await someone.download(*letter.link))
    assert (await someone.call("POST", f"/api/v1/requests/{request_id}/link")).status_code == 202
    renewed = await visitors.outbox.newest(CANARY.email, of=2, saying=export)
    for one in (letter, renewed):
        typed = TYPED.search(one.text)[0]
        flown.secrets |= {one.link[1], typed, typed.replace("-", "")}
    flown.requests.append(request_id)


@pytest.fixture(scope="module")
async def flown(start_stack, tmp_path_factory):
    """The journeys, failures and all, and afterwards everything that is on record anywhere."""
    folder = tmp_path_factory.mktemp("canary")
    flown = Flown(folder)
    async with broken_services(folder) as broken:
        settings = broken.settings | {"TASK_ATTEMPTS": "2", "RETRY_BASE": "PT0.2S"}
        async with start_stack(folder=folder, seeded=False, change=with_broken, **settings) as stack:
            told = stack.told
            await plant(told)
            async with MessageBus(told) as bus, Visitors(stack) as visitors:
                looking = asyncio.create_task(looks(bus, flown.messages))
                try:
                    async with asyncio.TaskGroup() as both:
                        both.create_task(goes_by_mail(visitors, flown))
                        both.create_task(goes_signed_in(visitors, flown))
                finally:
                    looking.cancel()
                    await asyncio.wait({looking})
                flown.letters = [f"{one.text}\n{one.html}" for one in visitors.outbox.letters()]
                assert await bus.dead() == {}
            async with StorageAccounts(told) as storage:
                for account in ("spinstate", "spinkeys"):
                    for table, rows in (await storage.all_rows(account)).items():
                        flown.rows[table] = [written(row) for row in rows]
        flown.failed_calls = len(broken.calls)
    flown.secrets |= {told["env"][name] for name in APP_KEYS} | set(told["storage_keys"].values())
    flown.secrets |= {told["mint"]["secret"], *host_keys(json.loads((folder / "host" / "keys.json").read_text()))}
    return flown


def written(row):
    """One row as bytes, binary properties as they are."""
    return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in row.values())


def host_keys(keys):
    """Every key of the Functions host, however they are nested."""
    if isinstance(keys, str):
        return [keys] if len(keys) > 20 else []
    values = keys.values() if isinstance(keys, dict) else keys
    return [key for value in values for key in host_keys(value)] if isinstance(keys, dict | list) else []


def files(folder, *names):
    """What the files of a stack's sub-folders hold."""
    found = {path: path.read_bytes() for name in names for path in (folder / name).rglob("*") if path.is_file()}
    assert found
    return found


def test_the_marks_are_where_they_belong(flown):
    assert len(flown.packages) == 3, "by mail, signed in, and what is held for the customer"
    for package in flown.packages:
        assert traces([package.text().encode()], PERSONAL) >= {MARK}
        assert package.text().lower().count(MARK) > 20
    assert traces([package.text().encode() for package in flown.packages], [CANARY.oid])
    letters = [letter.encode() for letter in flown.letters]
    assert len(letters) == 8, "a code, a word of what was asked, and two links for each package"
    assert len(traces(letters, flown.secrets)) >= 1 + 6 * 2, "a code, and six links with a typed form each"
    assert flown.failed_calls > 0, "no service failed"
    assert len(flown.secrets) > 20


def test_no_answer_repeats_what_it_refused(flown):
    assert len(flown.answers) == len(BAD_BODIES) + 9
    assert [answer for answer in flown.answers if traces([answer.encode()], PERSONAL)] == []


def test_no_log_line_holds_them(flown):
    logs = files(flown.folder, "logs")
    assert traces(logs.values(), flown.requests) == set(flown.requests)
    for path, held in logs.items():
        assert traces([held], {*PERSONAL, *flown.secrets}) == set(), path.name


def test_no_message_holds_them_not_even_in_the_raw_bytes_of_the_bus(flown):
    assert traces(flown.messages, flown.requests) == set(flown.requests), "nothing was seen on its way"
    assert traces(flown.messages, {*PERSONAL, *flown.secrets}) == set()
    raw = files(flown.folder, "bus")
    assert traces(raw.values(), {*PERSONAL, *flown.secrets}) == set()


def test_no_row_holds_them_in_clear(flown):
    every = [row for rows in flown.rows.values() for row in rows]
    assert {"Requests", "Waits", "Deadlines", "Subjects", "Exports", "Turns", "TenantCases"} <= flown.rows.keys()
    assert traces(every, flown.requests) == set(flown.requests)
    for table, rows in flown.rows.items():
        assert traces(rows, {*PERSONAL, *flown.secrets}) == set(), table


def test_no_address_holds_them(flown):
    found = [address.split("#")[0] for letter in flown.letters for address in ADDRESS.findall(letter)]
    assert len(found) > 10
    brokered = {secret for secret in flown.secrets if any(secret in one for one in flown.addresses)}
    assert len(brokered) == len(flown.addresses) == 3, "a brokered address carries its own signature"
    every = [address.encode() for address in (*found, *flown.addresses)]
    assert traces(every, {*PERSONAL, *flown.secrets} - brokered) == set()
