"""The data map is whole: it covers the policy, in both languages, and an address opens little."""

import pytest

from shared.connectors.own_records import NUMBER
from shared.domain.ask import EVERYTHING
from shared.domain.identity import EMAIL, OBJECT_ID
from shared.rights import objection
from shared.rights.specification import Asked

POLICY = {
    "directory-users": "names, UPN and object id",
    "licences": "assigned licence",
    "exchange-usage": "Exchange",
    "onedrive-usage": "OneDrive",
    "sharepoint-activity": "SharePoint",
    "skype-usage": "Skype for Business",
    "yammer-usage": "Yammer",
    "azure-utilization": "Azure usage",
    "company-contacts": "company data and technical credentials",
    "sign-in-locations": "location by IP address",
    "app-clients": "browser and device settings",
    "issued-settings": "company issued settings",
    "device-applications": "company applications",
    "device-printers": "printers",
    "drive-mappings": "drive mappings",
    "purchased-products": "agreements and products",
    "chat-messages": "chat logging",
    "support-calls": "video chat",
    "support-tickets": "e-mail regarding support",
    "app-telemetry": "Application Insights",
    "website-visits": "website tracking",
    "visitor-preferences": "identifiers of browsers not signed in",
    "newsletter-subscriptions": "marketing e-mail",
    "applications": "job applications",
    "unsolicited-ideas": "unsolicited information",
    "invoices": "billing solution",
    "marketplace-subscriptions": "marketplaces",
    "sign-ups": "registration",
    "marketing-mails": "marketing",
    "cookie-choices": "cookies",
    "crash-reports": "crash reports",
    "server-logs": "server logs and referrers",
    "third-party-authorisations": "third-party services",
    "suitability-assessments": "whether a product is suited",
    "billing-sync": "synchronisation of billing",
    "privacy-cases": "our own case files and audit trail",
    "privacy-consents": "consents",
    "privacy-limits": "what people objected to",
    "privacy-logs": "our own logs",
}
PROVEN = {EMAIL, OBJECT_ID}
KEYED_BY_ADDRESS = {
    "sign-ups", "marketplace-leads", "support-tickets", "ticket-attachments", "chat-messages",
    "newsletter-subscriptions", "applications", "curricula-vitae", "unsolicited-ideas", "marketing-mails",
    "privacy-cases", "privacy-consents", "privacy-limits", "account-events",
}  # fmt: skip


def test_every_category_of_the_policy_has_its_dataset(sample_map):
    assert set(POLICY) <= {dataset.id for _, dataset in sample_map.datasets()}


def test_what_is_about_no_person_is_said_with_the_reason(sample_map):
    told = {one.title.en: one.reason for one in sample_map.without_personal_data}
    assert {"Azure rate card", "Office 365 figures of a whole organisation"} <= told.keys()
    assert all(reason.en != reason.nl for reason in told.values())


def test_spinpanel_is_processor_of_what_its_customers_users_leave_and_controller_of_the_rest(sample_map):
    assert {one.id for one in sample_map.services if one.role == "processor"} == {
        "directory",
        "office365-usage",
        "sharepoint-usage",
        "azure-usage",
        "devices",
        "device-management",
        "device-settings",
        "partner-center",
    }


def test_conversations_in_which_others_speak_are_looked_through_first(sample_map):
    reviewed = {dataset.id for _, dataset in sample_map.datasets() if dataset.review}
    assert reviewed == {"support-tickets", "chat-messages", "support-calls"}


def test_a_profile_tells_its_logic_and_may_be_objected_to(sample_map):
    profiles = [dataset for _, dataset in sample_map.datasets() if dataset.profiling]
    assert [dataset.id for dataset in profiles] == ["suitability-assessments"]
    assert objection.outcome(profiles[0], EVERYTHING) is Asked.DECIDE


def test_direct_marketing_stops_at_once_wherever_it_is(sample_map):
    marketing = [
        dataset for _, dataset in sample_map.datasets() if any(one.direct_marketing for one in dataset.purposes)
    ]
    assert {dataset.id for dataset in marketing} == {"newsletter-subscriptions", "marketing-mails"}
    assert {objection.outcome(dataset, EVERYTHING) for dataset in marketing} == {Asked.DO}


def test_there_are_twelve_services_and_six_ways_to_be_found(sample_map):
    assert len(sample_map.services) >= 12
    assert sample_map.lanes() == ("newsletter-vendor", "stores", "telemetry")
    assert len({way.how for _, dataset in sample_map.datasets() for way in dataset.found_by}) >= 6


def test_an_address_opens_only_what_was_made_under_it(sample_map):
    opened = {dataset.id for _, dataset in sample_map.datasets() if dataset.is_opened_by(EMAIL)}
    assert opened == KEYED_BY_ADDRESS


def test_every_identifier_that_is_searched_with_is_yielded_or_proven(sample_map):
    searched = {way.identifier for _, dataset in sample_map.datasets() for way in dataset.found_by}
    yielded = {edge.identifier for _, dataset in sample_map.datasets() for edge in dataset.yields}
    assert searched <= yielded | {EMAIL, "entra_object_id", NUMBER}
    assert NUMBER not in yielded, "who somebody is leads to no number of a request"


def test_credentials_are_withheld_and_nothing_else_is(sample_map):
    withheld = [one for _, dataset in sample_map.datasets() for one in dataset.fields if one.withhold]
    credentials = [
        one
        for _, dataset in sample_map.datasets()
        for one in dataset.fields
        if one.category == "user.authorization.credentials"
    ]
    assert withheld == credentials
    assert len(withheld) == 4
    assert all("replaced" in one.withhold.en for one in withheld)


def test_whoever_receives_data_outside_the_eea_has_a_safeguard(sample_map):
    outside = [one for _, dataset in sample_map.datasets() for one in dataset.recipients if one.country == "US"]
    assert outside
    assert all(one.safeguard for one in outside)


@pytest.mark.parametrize("field", ["title", "source"])
def test_every_text_is_written_in_both_languages(sample_map, field):
    texts = [getattr(dataset, field) for _, dataset in sample_map.datasets()]
    assert all(text.en != text.nl for text in texts)


def test_what_somebody_is_resolved_from_is_erased_after_what_is_found_by_it(sample_map):
    waves, order = sample_map.waves(), [dataset.id for _, dataset in sample_map.datasets()]
    moments = {dataset.id: (waves[service.id], order.index(dataset.id)) for service, dataset in sample_map.datasets()}
    derived = 0
    for _, source in sample_map.datasets():
        for edge in source.yields:
            for _, dataset in sample_map.datasets():
                if edge.identifier not in PROVEN and dataset is not source and dataset.is_opened_by(edge.identifier):
                    assert moments[dataset.id] < moments[source.id], (dataset.id, source.id)
                    derived += 1
    assert derived > 10


def test_what_is_retained_says_on_what_ground_and_nothing_else_is(sample_map):
    retained = {
        dataset.id: dataset.erasure.exemption.ground
        for _, dataset in sample_map.datasets()
        if dataset.erasure.action == "retain"
    }
    assert retained == {
        "invoices": "17-3-b",
        "purchased-products": "17-3-b",
        "marketplace-subscriptions": "17-3-b",
        "signed-agreements": "17-3-e",
        "privacy-cases": "17-3-e",
        "privacy-consents": "17-3-e",
        "privacy-limits": "17-3-e",
        "account-events": "17-3-e",
    }


def test_what_is_made_anonymous_keeps_nothing_of_a_person(sample_map):
    made = [dataset for _, dataset in sample_map.datasets() if dataset.erasure.action == "anonymise"]
    assert {dataset.id for dataset in made} == {"azure-utilization", "website-visits"}
    kept = [one.category for dataset in made for one in dataset.fields if one.anonymise == "keep"]
    personal = ("user.name", "user.contact.email", "user.unique_id", "user.account", "user.device", "user.content")
    assert len(kept) > 5
    assert [category for category in kept if category.startswith(personal)] == []


def test_recipients_are_told_by_mail_and_over_http_where_they_received(sample_map):
    told = sample_map.recipients().values()
    assert {one.notify.how for one in told} == {"mail", "http"}
    assert all(one.notify.received for one in told)


def test_copies_that_outlive_a_deletion_are_named(sample_map):
    with_copies = {service.connector for service in sample_map.services if service.copies}
    without = {service.connector for service in sample_map.services if not service.copies}
    assert with_copies == {"azure_blobs", "sql", "http_service", "lane_service"}
    assert without == {"azure_tables", "own_records"}
