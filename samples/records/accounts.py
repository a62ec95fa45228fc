"""Directory, sign-up and use of Spinpanel itself."""

from collections.abc import Iterator

from samples.people import CUSTOMER, WORK, Person
from samples.records.shapes import Entry, Row, address, chance, compact, day, user_name, written

SKUS = (
    ("O365_BUSINESS_PREMIUM", "f245ecc8-75af-4f8e-b61f-27d8114de5f3"),
    ("POWER_BI_PRO", "f8a1db68-be16-40ed-86d5-cb42ce701560"),
)
BROWSERS = (("Edge 142", "Windows 11"), ("Safari 19", "macOS 16"), ("Chrome Mobile 142", "Android 16"))


def records(person: Person) -> Iterator[Row | Entry]:
    """Yield what the platform knows of someone who works with Spinpanel."""
    if WORK not in person.holds:
        return
    yield from _entries(person)
    yield from _licences(person)
    yield from _use(person)


def _entries(person: Person) -> Iterator[Row]:
    who = {"tenantId": person.tenant, "userPrincipalName": user_name(person)}
    directory = who | {
        "id": person.oid,
        "givenName": person.given,
        "surname": person.surname,
        "displayName": person.name,
        "mail": address(person),
        "jobTitle": chance(person, "job").choice(("Planner", "Controller", "Office manager", "Engineer")),
        "preferredLanguage": "nl-NL" if person.home.country == "NL" else "de-DE",
        "contactId": person.key("contact"),
        "accountEnabled": True,
        "passwordHash": "never-to-be-handed-over",
    }
    sign_up = who | {
        "objectId": person.oid,
        "firstName": person.given,
        "lastName": person.surname,
        "email": address(person),
        "companyName": person.home.name,
        "channel": chance(person, "channel").choice(("AzureMarketplace", "AppSource", "Office365", "Azure")),
        "consentLevel": "administrator" if "Privacy.Admin" in person.roles else "user",
        "noticeVersion": "2026-01",
        "signedUpAt": day(-200),
        "lastSignInAt": day(40),
    }
    at_partner = who | {
        "id": person.oid,
        "firstName": person.given,
        "lastName": person.surname,
        "usageLocation": person.home.country,
        "state": "active",
        "licences": compact([name for name, _ in SKUS]),
    }
    yield Row("directoryusers", person.tenant, person.oid, directory)
    yield Row("signups", person.tenant, person.oid, sign_up)
    yield Row("customerusers", person.tenant, person.oid, at_partner)


def _licences(person: Person) -> Iterator[Row]:
    for name, sku in SKUS:
        licence = {
            "tenantId": person.tenant,
            "userId": person.oid,
            "skuId": sku,
            "skuPartNumber": name,
            "disabledPlans": compact([]),
            "assignedAt": day(-190),
        }
        yield Row("licences", f"{person.tenant}:{person.oid}", sku, licence)


def _use(person: Person) -> Iterator[Row | Entry]:
    dice = chance(person, "use")
    for number, city in enumerate(("Amsterdam", "Utrecht", "Rotterdam")):
        place = {
            "tenantId": person.tenant,
            "at": day(number),
            "ipAddress": f"203.0.113.{dice.randrange(256)}",
            "country": person.home.country,
            "city": city,
            "contentLanguage": "nl",
        }
        yield Row("signinlocations", f"{person.tenant}:{person.oid}", f"{number:06}", place)
    for browser, system in BROWSERS[: dice.randint(1, 3)]:
        client = {
            "tenantId": person.tenant,
            "objectId": person.oid,
            "browser": browser,
            "browserSettings": compact({"language": "nl", "cookies": True}),
            "deviceType": "phone" if "Mobile" in browser else "computer",
            "operatingSystem": system,
            "appVersion": "4.18.2",
            "lastSeenAt": day(39),
        }
        yield Row("appclients", person.tenant, f"{person.oid} {browser}", client)
    yield from _logs(person)
    yield from _telemetry(person)


def _logs(person: Person) -> Iterator[Row]:
    who = {"tenantId": person.tenant}
    crash = who | {
        "objectId": person.oid,
        "at": day(3),
        "appVersion": "4.18.2",
        "operatingSystem": "Windows 11",
        "report": "TimeoutError in usage.render",
    }
    yield Row("crashreports", person.tenant, f"{person.oid} 1", crash)
    for number, path in enumerate(("/usage", "/licences")):
        visit = who | {
            "at": day(38, minutes=number),
            "method": "GET",
            "path": path,
            "status": 200,
            "ipAddress": f"203.0.113.{chance(person, 'log').randrange(256)}",
            "userAgent": "Mozilla/5.0 (Windows NT 10.0) Edg/142",
            "referrer": "https://portal.spinpanel.example/",
        }
        yield Row("serverlogs", f"{person.tenant}:{person.oid}", f"{number:06}", visit)
    if CUSTOMER in person.holds:
        allowed = who | {
            "objectId": person.oid,
            "service": "Boekhoudwolk",
            "scopes": compact(["invoices.read", "invoices.write"]),
            "level": "administrator" if "Privacy.Admin" in person.roles else "user",
            "grantedAt": day(-150),
            "refreshToken": "never-to-be-handed-over",
        }
        yield Row("authorisations", person.tenant, f"{person.oid} boekhoudwolk", allowed)


def _telemetry(person: Person) -> Iterator[Entry]:
    dice = chance(person, "telemetry")
    for number in range(6):
        failed = number == 3
        item = {
            "tenantId": person.tenant,
            "timestamp": written(day(number, seconds=dice.randrange(3600))),
            "itemType": "exception" if failed else "request",
            "userAuthenticatedId": person.oid,
            "operationName": dice.choice(("GET Users", "GET Usage", "POST Licences")),
            "resultCode": "500" if failed else "200",
            "durationMs": dice.randrange(10, 4000),
            "clientIp": "0.0.0.0",  # noqa: S104  what Application Insights stores for an address it has masked
            "referrer": "https://portal.spinpanel.example/usage",
        }
        if failed:
            item["exception"] = "TimeoutError: the usage report took too long"
        yield Entry("app-insights", "app-telemetry", item)
