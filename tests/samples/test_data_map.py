"""The data map is whole: it covers the policy, in both languages, and an address opens little."""

import pytest

from shared.domain.identity import EMAIL

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
}
KEYED_BY_ADDRESS = {
    "sign-ups", "marketplace-leads", "support-tickets", "ticket-attachments", "chat-messages",
    "newsletter-subscriptions", "applications", "curricula-vitae", "unsolicited-ideas",
}  # fmt: skip


def test_every_category_of_the_policy_has_its_dataset(sample_map):
    assert set(POLICY) <= {dataset.id for _, dataset in sample_map.datasets()}


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
    assert searched <= yielded | {EMAIL, "entra_object_id"}


def test_credentials_are_withheld_and_nothing_else_is(sample_map):
    withheld = [one for _, dataset in sample_map.datasets() for one in dataset.fields if one.withhold]
    credentials = [
        one
        for _, dataset in sample_map.datasets()
        for one in dataset.fields
        if one.category == "user.authorization.credentials"
    ]
    assert withheld == credentials
    assert len(withheld) == 3


def test_whoever_receives_data_outside_the_eea_has_a_safeguard(sample_map):
    outside = [one for _, dataset in sample_map.datasets() for one in dataset.recipients if one.country == "US"]
    assert outside
    assert all(one.safeguard for one in outside)


@pytest.mark.parametrize("field", ["title", "source"])
def test_every_text_is_written_in_both_languages(sample_map, field):
    texts = [getattr(dataset, field) for _, dataset in sample_map.datasets()]
    assert all(text.en != text.nl for text in texts)
