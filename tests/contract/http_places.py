"""A place at a vendor: the sample one, in a process of its own, over real HTTP."""

from contextlib import asynccontextmanager
from typing import ClassVar

from places import Place, service_of

from samples.vendor_service.running import running_vendor
from shared.adapters.egress_rules import EgressRules
from shared.adapters.https_egress import HttpsEgress


class VendorStores:
    """The way out to one vendor, and its files for those who do not ask it."""

    def __init__(self, vendor):
        self.vendor = vendor
        self._egress = HttpsEgress(EgressRules(lambda: [vendor.url], {}, [vendor.url]))

    def egress(self):
        return self._egress


@asynccontextmanager
async def vendor_stores_in(folder):
    async with running_vendor(folder) as vendor:
        stores = VendorStores(vendor)
        yield stores
        await stores.egress().close()


class AtVendor(Place):
    kind, how, at = "http_service", "field", {"name": "upn"}
    second: ClassVar = {"how": "field", "at": {"name": "oid"}}
    stores_from = "vendor_stores"

    def __init__(self, stores):
        super().__init__(stores)
        settings = {"url": stores.vendor.url, "answers": "at_once"}
        self.service = service_of(self.kind, self.dataset, settings)

    def settings(self):
        return {"name": self.name}

    async def make(self):
        self.stores.vendor.shelf.add(self.name, [])

    async def put(self, held):
        rows = [{"tenantId": tenant, **row, "upn": value} for value, tenant, row in held]
        self.stores.vendor.shelf.add(self.name, rows)

    async def dump(self):
        """Every row as it stands, in order."""
        return self.stores.vendor.raw(self.name).splitlines(keepends=True)


HTTP_PLACES = [AtVendor]
