"""Which origins may be called, and with what, as the settings and the map say it."""

import pytest
from builders import FixedMaps, data_map, dataset, service, settings, text

from shared import wiring
from shared.domain.errors import Permanent

VENDOR = "https://vendor.example/privacy/v1"
MAILER = "https://mailer.example/erasures"


def world(url=VENDOR, **given):
    told = {"how": "http", "address": MAILER, "identifier": "email"}
    recipient = {"name": "Mailer", "purpose": text("Mail"), "country": "NL", "id": "mailer", "notify": told}
    rows = dataset(
        "subscribers",
        fields=["email"],
        settings={"name": "subscribers"},
        found_by=[{"identifier": "email", "how": "field", "at": {"name": "email"}}],
        recipients=[recipient],
    )
    outside = service("vendor", rows, connector="http_service", settings={"url": url, "answers": "at_once"})
    made = wiring.Services(settings(**given))
    made.maps = FixedMaps(data_map([outside]))
    return made


def admitted(services, url):
    try:
        return bool(services.egress._rules.admitted(url))
    except Permanent:
        return False


def test_what_the_map_names_may_be_called_and_nothing_else():
    made = world()
    assert admitted(made, "https://vendor.example/anything")
    assert admitted(made, MAILER)
    assert not admitted(made, "https://other.example/")
    assert not admitted(made, "http://vendor.example/")


@pytest.mark.parametrize(
    ("public_url", "local"),
    [
        ("http://127.0.0.1:7071", True),
        ("http://localhost:7071", True),
        ("http://[::1]:7071", True),
        ("https://privacy.spinpanel.example", False),
        ("https://127.0.0.1.evil.example", False),
        ("https://localhost.evil.example", False),
    ],
)
def test_this_machine_may_be_called_from_this_machine_alone(public_url, local):
    here = "http://127.0.0.1:8123"
    made = world(url=f"{here}/v1", public_url=public_url, egress_local_origins=f" {here}, ,")
    assert admitted(made, f"{here}/v1/export") is local


def test_a_local_origin_that_the_map_does_not_name_is_not_called():
    here = "http://127.0.0.1:8123"
    made = world(public_url="http://127.0.0.1:7071", egress_local_origins=here)
    assert not admitted(made, here)


def test_a_token_is_read_with_its_origin(monkeypatch):
    monkeypatch.setenv("EGRESS_NEWS_VENDOR_TOKEN", "t0ken")
    monkeypatch.setenv("EGRESS_NEWS_VENDOR_ORIGIN", "https://vendor.example")
    monkeypatch.setenv("EGRESS_LOST_TOKEN", "t0ken")
    rules = world().egress._rules
    target = rules.admitted(VENDOR)
    assert rules.proof("news-vendor", target) == {"Authorization": "Bearer t0ken"}
    for name in ("lost", "unheard-of"):
        with pytest.raises(Permanent, match="credential_missing"):
            rules.proof(name, target)


def test_a_connector_and_the_use_cases_go_out_by_one_way():
    made = world()
    assert made.connectors["http_service"]._stores.egress() is made.egress
