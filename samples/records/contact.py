"""Those who talk to Spinpanel, visit it, or would work there."""

from collections.abc import Iterator

from samples.people import APPLICANT, TALKS, VISITOR, Person
from samples.records.documents import pdf, recording
from samples.records.shapes import Blob, Entry, Line, Record, Row, SqlRow, address, compact, day, written


def records(person: Person) -> Iterator[Record]:
    """Yield what this person told us, or left when visiting."""
    if TALKS in person.holds:
        yield from _talks(person)
    if VISITOR in person.holds:
        yield from _subscriptions(person)
        yield from _visits(person)
    if APPLICANT in person.holds:
        yield from _applications(person, address(person))
    if person.private_address:
        yield from _applications(person, person.private_address)


def _talks(person: Person) -> Iterator[Record]:
    mail = address(person)
    for number in (1, 2):
        ticket_number = f"T-{number:05}"
        ticket = {
            "ticketNumber": ticket_number,
            "name": person.name,
            "email": mail,
            "subject": "Licence cannot be assigned" if number == 1 else "Usage report is empty",
            "message": f"Hello, can you help me? Regards, {person.name}",
            "openedAt": day(number * 5),
            "status": "closed",
        }
        yield Row("supporttickets", mail, ticket_number, ticket)
    yield Blob("ticket-attachments", f"{mail}/screenshot.pdf", pdf(f"Screenshot of {person.name}"), "application/pdf")
    for minute, (who, mail_of, text) in enumerate(
        (
            (person.name, mail, "My licence has gone. What happened?"),
            ("Support", "support@spinpanel.example", f"Good morning {person.given}, let me look."),
            (person.name, mail, "It is back, thank you!"),
        )
    ):
        said = {
            "conversation": person.key("chat"),
            "at": day(6, minutes=minute).isoformat(),
            "from": {"name": who, "email": mail_of},
            "customer": {"email": mail},
            "text": text,
        }
        yield Line("chat-logs", "messages/2026-09.jsonl", said)
    tags = {"caller": person.oid, "tenant": person.tenant}
    yield Blob("recordings", f"calls/{person.key('call')}.wav", recording(2), "audio/wav", tags=tags)


def _subscriptions(person: Person) -> Iterator[Record]:
    mail = address(person)
    letter = {
        "email": mail,
        "name": person.name,
        "language": "nl",
        "topics": ["product news"],
        "consentedAt": written(day(-100)),
        "confirmedAt": written(day(-100, minutes=3)),
    }
    lead = {
        "ActionCode": "INS",
        "OfferTitle": "Spinpanel Professional",
        "LeadSource": "AzureMarketplace",
        "UserDetails": {
            "FirstName": person.given,
            "LastName": person.surname,
            "Email": mail,
            "Phone": "+31 20 555 0123",
            "Company": person.home.name,
            "Title": "Planner",
            "Country": person.home.country,
        },
        "SharedWith": ["lead-partner"],
    }
    received = {
        "actionCode": lead["ActionCode"],
        "offerTitle": lead["OfferTitle"],
        "leadSource": lead["LeadSource"],
        "lead": compact(lead),
        "receivedAt": day(-260),
    }
    yield Entry("newsletter", "newsletter-subscriptions", letter)
    told = {"email": mail, "name": person.name, "campaign": "Reports for planners", "sentAt": day(-20)}
    yield Row("marketingmails", mail, person.key("campaign"), told)
    yield Row("leads", "2025", person.key("lead"), received)
    idea = f"Let the usage report be mailed every Monday. {person.name}"
    yield Blob("ideas", f"ideas/{person.key('idea')}.txt", idea.encode(), "text/plain", metadata={"submitter": mail})


def _visits(person: Person) -> Iterator[Record]:
    visitor = person.key("visitor")
    link = {"objectId": person.oid, "visitorId": visitor, "linkedAt": day(-90)}
    yield Row("visitorlinks", person.oid, visitor, link)
    for number, page in enumerate(("/", "/pricing", "/about", "/jobs")):
        visit = {
            "visitorId": visitor,
            "at": day(-91, minutes=number),
            "page": page,
            "referrer": "https://search.example/?q=licences",
            "browser": "Edge 142",
            "country": person.home.country,
        }
        yield Row("websitevisits", "2026", person.key(f"visit {number}"), visit)
    preferences = {"visitorId": visitor, "language": "nl", "theme": "dark", "changedAt": day(-91)}
    yield Row("visitorpreferences", "preferences", visitor, preferences)
    choice = {"visitorId": visitor, "statistics": True, "noticeVersion": "2026-01", "chosenAt": day(-91)}
    yield Row("cookiechoices", "choices", visitor, choice)


def _applications(person: Person, mail: str) -> Iterator[Record]:
    application = {
        "applicationId": person.key(f"application {mail}"),
        "name": person.name,
        "email": mail,
        "phone": "+31 6 5550 1234",
        "position": "Support engineer",
        "letter": "I would like to work for Spinpanel.",
        "interviewNotes": "Friendly, knows Azure well.",
        "appliedAt": written(day(20)),
        "outcome": "open",
        "sharedWith": "talent-agency",
    }
    yield SqlRow("applications", application)
    yield Blob("curricula", f"cv/{mail}/cv.pdf", pdf(f"Curriculum vitae of {person.name}"), "application/pdf")
