"""Devices, and what is on them."""

from collections.abc import Iterator

from samples.people import CUSTOMER, WORK, Person
from samples.records.shapes import Blob, Row, compact, day, user_name

APPLICATIONS = (("Microsoft 365 Apps", "16.0.18"), ("Spinpanel agent", "4.18.2"), ("TransportPlanner", "9.1"))
DRIVES = (("H:", "home"), ("P:", "projects"))


def records(person: Person) -> Iterator[Row | Blob]:
    """Yield a laptop, and for customers' contacts a virtual desktop as well."""
    if WORK not in person.holds:
        return
    yield from _device(person, "laptop", None)
    if CUSTOMER in person.holds:
        yield from _device(person, "desktop", f"VM-{person.short.upper()}")


def _device(person: Person, sort: str, resource: str | None) -> Iterator[Row | Blob]:
    device, tenant = person.key(sort), person.tenant
    head = {"tenantId": tenant, "deviceId": device}
    registered = head | {
        "displayName": resource or f"LAPTOP-{person.given}",
        "registeredOwner": person.oid,
        "registeredOwnerUpn": user_name(person),
        "operatingSystem": "Windows",
        "osVersion": "10.0.26200",
        "model": "Virtual Machine" if resource else "Surface Laptop 7",
        "serialNumber": device[-12:].upper(),
        "resourceName": resource,
        "enrolledAt": day(-180),
        "recoveryKey": "never-to-be-handed-over",
    }
    yield Row("devices", tenant, device, registered)
    for name, version in APPLICATIONS:
        installed = {"application": name, "version": version, "installedAt": day(-179)}
        yield Row("deviceapplications", f"{tenant}:{device}", name, head | installed)
    printer = {"printerName": f"Printer {person.name}", "location": "Second floor", "isDefault": True}
    yield Row("deviceprinters", tenant, f"{device} 1", head | printer)
    for letter, share in DRIVES:
        mapping = {"driveLetter": letter, "path": f"\\\\files.{person.home.domain}\\{share}\\{person.short}"}
        yield Row("drivemappings", f"{tenant}:{device}", letter, head | mapping)
    settings = head | {
        "operatingSystem": {"autoUpdate": True, "encryption": "required"},
        "browser": {"homepage": "https://portal.spinpanel.example", "savePasswords": False},
        "policies": ["screen lock after 5 minutes", "no removable disks"],
        "appliedAt": day(30).isoformat(),
    }
    yield Blob("device-settings", f"{tenant}/{device}.json", compact(settings).encode(), "application/json")
