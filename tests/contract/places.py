"""Every way of finding a person's records or files, each over a store that it fills."""

import copy
import io
import itertools
import json
from typing import ClassVar
from urllib.parse import quote

import pytest
from azure.data.tables.aio import TableServiceClient
from azure.storage.blob import ContentSettings

from shared.connectors import discover
from shared.connectors._ways import in_key
from shared.connectors.memory import Drawer
from shared.domain.data_map import DataField, Dataset, Service
from shared.domain.identity import Identifier, Standing
from shared.ports.connector import Erasure, Rectification, Ticket

HERE, ELSEWHERE = "0a9c5f1e-0000-4000-8000-000000000001", "0a9c5f1e-0000-4000-8000-000000000002"
STORE = {"store": "spindata"}
FIELDS = ({"name": "number", "category": "user"}, {"name": "note", "category": "user"})
WITHHELD = {"name": "secret", "category": "system", "withhold": {"en": "A key.", "nl": "Een sleutel."}}
TEXT = {"en": "x", "nl": "x"}
_numbers = itertools.count(1)
PEOPLE = [
    pytest.param("anna@x.example", id="plain"),
    pytest.param("a_b.com#ext#@c.onmicrosoft.example", id="guest"),
    pytest.param("zoë.łukasz@żółw.example", id="not-ascii"),
    pytest.param("王小明@x.example", id="chinese"),
    pytest.param("o'brien@x.example", id="quote"),
    pytest.param("o''brien' or true@x.example", id="quotes-and-filter-words"),
    pytest.param("a b+c%23d@x.example", id="space-plus-percent"),
    pytest.param("@value{tenant}&=;?@x.example", id="template-and-query-words"),
]

FILE_OWNERS = [PEOPLE[number] for number in (0, 1, 2, 4, 6)]


def others_like(value):
    """People whose identifiers come close."""
    return [f"{value}.evil.example", f"x{value}", value.replace(".example", ".invalid"), f"{value} ", value[:-1]]


def dataset_of(settings, ways, fields=(*FIELDS, WITHHELD), *, tenancy="tenant", tenant_field="tenantId"):
    return Dataset(
        id="things",
        title=TEXT,
        tenancy=tenancy,
        settings=settings,
        fields=fields,
        found_by=ways,
        tenant_field=tenant_field,
        purposes=[TEXT | {"id": "testing"}],
        legal_basis="A6-1-b",
        authorisation="user",
        source=TEXT,
        retention={"period": "P30D", "counted_from": "created", "action": "delete", "source": TEXT},
    )


def fields_of(fields):
    return tuple(DataField(**field) for field in fields)


def service_of(connector, dataset, settings=STORE):
    return Service(
        id="thing-keeper",
        title=TEXT,
        owner="Support",
        role="controller",
        lane="stores",
        connector=connector,
        settings=settings,
        time_limit="PT5M",
        datasets=[dataset],
    )


def identifier(value, tenant=HERE, kind="upn", standing=Standing.PROVEN):
    return Identifier(kind=kind, value=value, tenant=tenant, standing=standing, source="a test")


def fresh_name():
    return f"place{next(_numbers)}"


class Asked:
    """Whether an erasure may proceed: counts how often that is asked, and does `then` at each time."""

    def __init__(self, then=None):
        self.times, self.then = 0, then

    async def __call__(self):
        self.times += 1
        if self.then:
            await self.then(self.times)


def erasure(asked=None, action="delete"):
    ticket = Ticket(id="a-task", callback_url="https://here.example/answers", callback_token="t")
    return Erasure(action=action, may_proceed=asked or Asked(), ticket=ticket)


def rectification(values, asked=None):
    ticket = Ticket(id="a-task", callback_url="https://here.example/answers", callback_token="t")
    return Rectification(values=values, may_proceed=asked or Asked(), ticket=ticket)


class Place:
    """One dataset in one store. Subclasses say how it is found and how rows get there."""

    kind = how = ""
    at: ClassVar = {}
    found_by = "upn"
    second: ClassVar = None
    """Another way of finding, by the row's `oid`."""
    many = True
    """Whether one person can have a thousand records here."""
    in_steps = True
    """Whether what one person has here is erased in more than one step."""
    stores_from = "azurite"
    """The fixture that gives its stores."""

    def __init__(self, stores):
        self.stores = stores
        self.name = fresh_name()
        self.connector = discover()[self.kind](stores)
        self.dataset = dataset_of(self.settings(), [{"identifier": self.found_by, "how": self.how, "at": self.at}])
        self.service = service_of(self.kind, self.dataset)

    async def put(self, held):
        """Keep rows: (whose value, whose tenant, row)."""
        raise NotImplementedError

    def pages(self, *identifiers, position=None, connector=None, dataset=None):
        connector = connector or self.connector
        return connector.export(self.service, dataset or self.dataset, identifiers, position)

    async def records(self, *identifiers, **options):
        return [record async for page in self.pages(*identifiers, **options) for record in page.records]

    async def count(self, *identifiers, position=None, dataset=None):
        steps = self.connector.count(self.service, dataset or self.dataset, identifiers, position)
        return sum([step.count async for step in steps])

    def erasing(self, *identifiers, asked=None, action="delete", position=None, connector=None, dataset=None):
        connector = connector or self.connector
        return connector.erase(self.service, dataset or self.dataset, identifiers, erasure(asked, action), position)

    async def erase(self, *identifiers, **options):
        return sum([step.count async for step in self.erasing(*identifiers, **options)])

    def rectifying(self, *identifiers, values, asked=None, position=None, connector=None, dataset=None):
        connector = connector or self.connector
        asked_for = rectification(values, asked)
        return connector.rectify(self.service, dataset or self.dataset, identifiers, asked_for, position)

    async def rectify(self, *identifiers, **options):
        return sum([step.count async for step in self.rectifying(*identifiers, **options)])

    async def dump(self):
        """All that is held as it stands, record by record and in order, read by the test's own client."""
        raise NotImplementedError

    def again(self):
        """The connector as another process builds it."""
        return discover()[self.kind](self.stores)


class InMemory(Place):
    kind, how, at = "memory", "field", {"path": "owner.upn"}
    second: ClassVar = {"how": "field", "at": {"path": "oid"}}

    def settings(self):
        return {"drawer": self.name}

    async def make(self):
        self.drawer = self.connector.drawers[("spindata", self.name)] = Drawer()

    async def dump(self):
        return copy.deepcopy(self.drawer.rows)

    async def put(self, held):
        self.drawer.rows += [{**row, "tenantId": tenant, "owner": {"upn": value}} for value, tenant, row in held]

    def again(self):
        other = super().again()
        other.drawers = self.connector.drawers
        return other


class InTable(Place):
    kind = "azure_tables"
    second: ClassVar = {"how": "property", "at": {"property": "oid"}}

    def settings(self):
        return {"table": self.name}

    async def make(self):
        self.table = await self.stores.tables("spindata").create_table(self.name)

    async def dump(self):
        return [dict(row) | {"etag": row.metadata["etag"]} async for row in self.table.list_entities()]

    async def put(self, held):
        rows = [
            {
                "tenantId": tenant,
                **row,
                "PartitionKey": tenant,
                "RowKey": f"{next(_numbers):09d}",
                **self.keep(value, tenant),
            }
            for value, tenant, row in held
        ]
        rows.sort(key=lambda row: row["PartitionKey"])
        for _, part in itertools.groupby(rows, key=lambda row: row["PartitionKey"]):
            for chunk in itertools.batched(part, 100, strict=False):
                await self.table.submit_transaction([("upsert", row) for row in chunk])


class ByPartitionKey(InTable):
    how, at = "partition_key", {"key": "{tenant}:{value}"}

    def keep(self, value, tenant):
        return {"PartitionKey": f"{tenant}:{in_key(value)}"}


class ByRowKey(InTable):
    how, at, many = "row_key", {"partition": "{tenant}", "key": "{value}"}, False
    second, in_steps = None, False

    def keep(self, value, tenant):
        return {"RowKey": in_key(value)}


class ByProperty(InTable):
    how, at = "property", {"property": "owner", "partition": "{tenant}"}

    def keep(self, value, tenant):
        return {"owner": value}


class ByPropertyAnywhere(ByProperty):
    at: ClassVar = {"property": "owner"}
    second: ClassVar = {"how": "property", "at": {"property": "oid", "fold": "lower"}}


class ByFoldedProperty(InTable):
    how, at = "property", {"property": "owner", "partition": "{tenant}", "fold": "lower"}

    def keep(self, value, tenant):
        return {"owner": value.upper()}


class ByJson(InTable):
    second: ClassVar = {"how": "name", "at": {"property": "oid", "partition": "{tenant}"}}
    how, at = "json", {"property": "doc", "path": "tags.owner", "partition": "{tenant}"}

    def keep(self, value, tenant):
        return {"doc": json.dumps({"tags": [{"owner": "someone"}, {"owner": value}]})}


class ByName(InTable):
    how, at = "name", {"property": "uri", "partition": "{tenant}"}

    def keep(self, value, tenant):
        return {"uri": f"/subscriptions/1/virtualMachines/{value.upper()}/disks/0"}


class InContainer(Place):
    kind = "azure_blobs"

    def settings(self):
        return {"container": self.name}

    async def make(self):
        self.container = await self.stores.blobs("spindata").create_container(self.name)

    async def dump(self):
        found = []
        blobs = [blob async for blob in self.container.list_blobs(include=["metadata", "snapshots", "tags"])]
        for blob in sorted(blobs, key=lambda blob: (blob.name, blob.snapshot or "")):
            held = await self.container.get_blob_client(blob.name, blob.snapshot).download_blob()
            kept = (blob.name, blob.snapshot, blob.content_settings.content_type, blob.metadata, blob.tags)
            found += [(*kept, *more) for more in self.parts(blob.etag, await held.readall())]
        return found

    def parts(self, etag, data):
        return [(etag, data)]

    async def files(self, *identifiers, **options):
        return [file async for page in self.pages(*identifiers, **options) for file in page.files]


class ByLine(InContainer):
    how, at = "line", {"prefix": "chat/", "path": "from.upn"}
    second: ClassVar = {"how": "line", "at": {"prefix": "c", "path": "oid"}}

    def parts(self, etag, data):
        return [(line,) for line in data.split(b"\n")]

    async def put(self, held):
        for part in itertools.batched(held, 400, strict=False):
            lines = [{**row, "tenantId": tenant, "from": {"upn": value}} for value, tenant, row in part]
            text = "\n".join(json.dumps(line) for line in lines) + "\n"
            await self.container.upload_blob(f"chat/{next(_numbers):06d}.jsonl", text.encode())


class ByDocument(InContainer):
    how, at, in_steps = "json", {"name": "settings/{tenant}/{value}.json"}, False

    async def put(self, held):
        ordered = sorted(held, key=lambda one: one[:2])
        for (value, tenant), rows in itertools.groupby(ordered, key=lambda one: one[:2]):
            document = [{**row, "tenantId": tenant} for _, _, row in rows]
            await self.container.upload_blob(f"settings/{tenant}/{in_key(value)}.json", json.dumps(document))


class ByFolder(InContainer):
    how, at = "prefix", {"prefix": "cv/{tenant}/{value}/"}

    async def put_file(self, value, tenant, name, data, media_type="application/pdf"):
        await self._upload(f"cv/{tenant}/{in_key(value)}/{name}", data, media_type, {"tenantId": tenant})

    async def _upload(self, name, data, media_type, metadata, tags=None):
        settings = ContentSettings(content_type=media_type)
        await self.container.upload_blob(
            name, io.BytesIO(data), content_settings=settings, metadata=metadata, tags=tags
        )


class ByMetadata(ByFolder):
    how, at = "metadata", {"prefix": "calls/", "key": "Caller"}

    async def put_file(self, value, tenant, name, data, media_type="audio/wav"):
        metadata = {"tenantId": tenant, "caller": quote(value)}
        await self._upload(f"calls/{next(_numbers)}-{name}", data, media_type, metadata)


class ByTag(InContainer):
    how, at, found_by = "tag", {"tag": "caller"}, "contact_id"

    async def put_file(self, value, tenant, name, data):
        tags = {"caller": value, "tenantId": tenant}
        await self.container.upload_blob(f"{next(_numbers)}-{name}", data, tags=tags)


class Strangers:
    """Stores as somebody without rights sees them, or at a port where nobody is."""

    def __init__(self, azurite, port=None):
        self._azurite, self._port = azurite, port

    def tables(self, store):
        port = self._port or self._azurite.ports["tables"]
        options = self._azurite.options(audience="https://graph.microsoft.com")
        return TableServiceClient(f"https://127.0.0.1:{port}/{store}", **options)


RECORD_PLACES = [
    InMemory,
    ByPartitionKey,
    ByRowKey,
    ByProperty,
    ByPropertyAnywhere,
    ByFoldedProperty,
    ByJson,
    ByName,
    ByLine,
    ByDocument,
]
FILE_PLACES = [ByFolder, ByMetadata]
