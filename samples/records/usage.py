"""Office 365 and Azure usage, in the shapes of the reports they come from."""

from collections.abc import Iterator
from typing import Any

from samples.people import CUSTOMER, WORK, Person
from samples.records.shapes import Line, Row, address, big, chance, compact, day, user_name

PERIODS = tuple(day(30 * number).date().isoformat() for number in range(-2, 1))


def records(person: Person) -> Iterator[Row | Line]:
    """Yield usage rows: Office 365 for all who work, Azure for owners of tagged resources and of named devices."""
    if WORK not in person.holds:
        return
    for refreshed in PERIODS:
        head = {
            "tenantId": person.tenant,
            "reportRefreshDate": refreshed,
            "userPrincipalName": user_name(person),
            "reportPeriod": "30",
        }
        yield from _office(person, refreshed, head)
        yield Line("sharepoint-usage", f"{person.tenant}/{refreshed}.jsonl", head | _sharepoint(person, refreshed))
    if CUSTOMER in person.holds:
        yield from _azure(person)


def _office(person: Person, refreshed: str, head: dict[str, Any]) -> Iterator[Row]:
    dice = chance(person, refreshed)
    exchange = {
        "displayName": person.name,
        "lastActivityDate": refreshed,
        "sendCount": dice.randrange(200),
        "receiveCount": dice.randrange(900),
        "readCount": dice.randrange(800),
        "storageUsedBytes": big(dice.randrange(10**9, 50 * 10**9)),
        "storageUsedPercentage": round(dice.random() * 100, 1),
        "assignedProducts": "MICROSOFT 365 BUSINESS STANDARD",
    }
    onedrive = {
        "lastActivityDate": refreshed,
        "viewedOrEditedFileCount": dice.randrange(150),
        "syncedFileCount": dice.randrange(2000),
        "sharedInternallyFileCount": dice.randrange(20),
        "sharedExternallyFileCount": dice.randrange(5),
        "storageUsedBytes": big(dice.randrange(10**8, 10**12)),
    }
    yammer = {
        "displayName": person.name,
        "userState": "active",
        "postedCount": dice.randrange(9),
        "readCount": dice.randrange(90),
        "likedCount": dice.randrange(30),
    }
    name = user_name(person)
    yield Row("exchangeusage", f"{person.tenant}:{name}", refreshed, head | exchange)
    yield Row("onedriveusage", person.tenant, f"{name} {refreshed}", head | onedrive)
    yield Row("yammerusage", person.tenant, f"{refreshed} {name}", head | yammer)
    if refreshed == PERIODS[0]:
        skype = {
            "totalPeerToPeerSessionCount": dice.randrange(30),
            "totalOrganizedConferenceCount": dice.randrange(10),
            "fileTransferCount": dice.randrange(5),
            "audioMinutes": dice.randrange(600),
            "videoMinutes": dice.randrange(300),
        }
        yield Row("skypeusage", person.tenant, name, head | skype)


def _sharepoint(person: Person, refreshed: str) -> dict[str, Any]:
    dice = chance(person, f"sharepoint {refreshed}")
    return {
        "lastActivityDate": refreshed,
        "viewedOrEditedFileCount": dice.randrange(300),
        "syncedFileCount": dice.randrange(300),
        "sharedExternallyFileCount": dice.randrange(10),
        "groupMessageCount": dice.randrange(40),
        "visitedPageCount": dice.randrange(120),
    }


def _azure(person: Person) -> Iterator[Row]:
    subscription = f"/subscriptions/{person.key('subscription')}/resourceGroups/shared/providers"
    owned = f"{subscription}/Microsoft.Storage/storageAccounts/reports"
    named = f"{subscription}/Microsoft.Compute/virtualMachines/VM-{person.short.upper()}"
    dice = chance(person, "azure")
    for number in range(6):
        by_tag = number % 2 == 0
        tags = {"owner": address(person)} if by_tag else {}
        instance = {
            "resourceUri": owned,
            "location": "westeurope",
            "tags": tags,
            "additionalInfo": {"costCenter": "42"},
        }
        if not by_tag:
            instance["resourceUri"] = named
        record = {
            "tenantId": person.tenant,
            "usageStartTime": day(number),
            "usageEndTime": day(number + 1),
            "resource": compact(_STORAGE if by_tag else _COMPUTE),
            "resourceUri": instance["resourceUri"],
            "quantity": f"{dice.random() * 24:.10f}",
            "unit": "1 GB/Month" if by_tag else "1 Hour",
            "infoFields": compact({}),
            "instanceData": compact(instance),
            "attributes": compact({"objectType": "AzureUtilizationRecord"}),
            "currency": "EUR",
            "cost": f"{dice.random():.8f}",
        }
        yield Row("azureusage", person.tenant, person.key(f"usage {number}"), record)


_STORAGE = {
    "id": "8767aeb3-6909-4db2-9927-3f51e9a9085e",
    "name": "LRS Data Stored",
    "category": "Storage",
    "subcategory": "General Block Blob",
    "region": "EU West",
}
_COMPUTE = {
    "id": "7a2639ce-ae47-4413-9837-6b4f4b78be3d",
    "name": "Compute Hours",
    "category": "Virtual Machines",
    "subcategory": "Standard_D2_v5",
    "region": "EU West",
}
