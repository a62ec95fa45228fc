"""Companies, agreements, marketplace subscriptions and invoices."""

from collections.abc import Iterator
from typing import Any

from samples.people import CUSTOMER, Person
from samples.records.documents import pdf
from samples.records.shapes import Blob, Row, SqlRow, address, compact, day


def records(person: Person) -> Iterator[Row | Blob | SqlRow]:
    """Yield what we hold of someone who buys for a customer."""
    if CUSTOMER not in person.holds:
        return
    contact, tenant = person.key("contact"), person.tenant
    company = {
        "tenantId": tenant,
        "contactId": contact,
        "companyName": person.home.name,
        "firstName": person.given,
        "lastName": person.surname,
        "phone": "+31 20 555 0123",
        "street": "Kade 1",
        "postalCode": "1011 AA",
        "city": "Amsterdam",
        "country": person.home.country,
        "partnerCenterSecret": "never-to-be-handed-over",
    }
    yield SqlRow("companycontacts", company)
    yield from _agreement(person, contact)
    yield Row("subscriptions", tenant, person.key("saas"), _subscription(person))
    for month in range(1, 7):
        yield SqlRow("invoices", _invoice(person, month))
    yield SqlRow("billingsync", _sent(person))
    yield Row("suitability", tenant, f"{contact} professional", _assessment(person))


def _agreement(person: Person, contact: str) -> Iterator[Row | Blob]:
    number = f"A-{contact[:6].upper()}"
    agreement = {
        "tenantId": person.tenant,
        "contactId": contact,
        "agreementNumber": number,
        "product": "Spinpanel Professional",
        "quantity": 25,
        "pricePerMonth": "4.95",
        "startsOn": "2026-01-01",
        "signedBy": person.name,
        "signedAt": day(-240),
    }
    yield Row("agreements", person.tenant, number, agreement)
    text = f"Agreement {number}, signed by {person.name} for {person.home.name}"
    yield Blob("signed-agreements", f"{person.tenant}/{contact}/{number}.pdf", pdf(text), "application/pdf")


def _subscription(person: Person) -> dict[str, Any]:
    party = {"emailId": address(person), "objectId": person.oid, "tenantId": person.tenant, "puid": "1003200000000000"}
    subscription = {
        "id": person.key("saas"),
        "publisherId": "spinpanel",
        "offerId": "spinpanel-professional",
        "name": person.home.name,
        "saasSubscriptionStatus": "Subscribed",
        "beneficiary": party,
        "purchaser": party,
        "planId": "gold",
        "quantity": "25",
        "term": {"startDate": "2026-01-01", "endDate": "2026-12-31", "termUnit": "P1Y"},
        "autoRenew": True,
    }
    return {
        "tenantId": person.tenant,
        "subscriptionId": subscription["id"],
        "subscription": compact(subscription),
        "receivedAt": day(-243),
    }


def _sent(person: Person) -> dict[str, Any]:
    return {
        "tenantId": person.tenant,
        "contactId": person.key("contact"),
        "documentNumber": f"202606-{person.key('contact')[:4].upper()}",
        "solution": "Boekhoudwolk",
        "sentTo": person.name,
        "sentAt": "2026-06-02",
    }


def _assessment(person: Person) -> dict[str, Any]:
    return {
        "tenantId": person.tenant,
        "contactId": person.key("contact"),
        "product": "Spinpanel Professional",
        "basedOn": compact({"licences": 25, "activeUsers": 21}),
        "score": 82,
        "advice": "Fits: more than ten licences in use.",
        "assessedAt": day(-10),
    }


def _invoice(person: Person, month: int) -> dict[str, Any]:
    return {
        "tenantId": person.tenant,
        "contactId": person.key("contact"),
        "invoiceNumber": f"2026{month:02}-{person.key('contact')[:4].upper()}",
        "attentionOf": person.name,
        "invoicedOn": f"2026-{month:02}-01",
        "amount": "123.75",
        "vat": "25.99",
        "currency": "EUR",
        "lines": compact([{"product": "Spinpanel Professional", "quantity": 25, "price": "4.95"}]),
    }
