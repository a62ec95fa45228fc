"""Reading the configuration file."""

import json

import pytest

from devhost.servicebus.config import load_config
from devhost.servicebus.durations import milliseconds
from devhost.servicebus.entities.settings import MINUTE
from devhost.servicebus.errors import ConfigError


def load(tmp_path, *, queues=(), topics=(), **more):
    path = tmp_path / "config.json"
    space = {"Name": "n", "Queues": list(queues), "Topics": list(topics)}
    path.write_text(json.dumps({"UserConfig": {"Namespaces": [space], "Logging": {"Type": "File"}, **more}}))
    return load_config(path)


def queue(**properties):
    return {"Name": "q", "Properties": properties}


def topic_with(properties):
    rule = {"Name": "r", "Properties": properties}
    return {"Name": "t", "Subscriptions": [{"Name": "s", "Rules": [rule]}]}


def test_what_is_not_said_has_the_service_s_defaults(tmp_path):
    (found,) = load(tmp_path, queues=[{"Name": "q"}]).queues
    assert (found.settings.lock_duration, found.settings.max_delivery_count) == (MINUTE, 10)
    assert (found.settings.default_ttl, found.duplicate_window) == (None, None)
    assert found.settings.dead_letter_on_expiry is False


def test_everything_the_emulator_s_file_says_is_read(tmp_path):
    config = load(
        tmp_path,
        queues=[
            queue(
                DeadLetteringOnMessageExpiration=True,
                DefaultMessageTimeToLive="PT1H",
                DuplicateDetectionHistoryTimeWindow="PT20S",
                ForwardDeadLetteredMessagesTo="",
                ForwardTo="",
                LockDuration="PT1M30S",
                MaxDeliveryCount=3,
                RequiresDuplicateDetection=True,
                RequiresSession=False,
            )
        ],
        topics=[topic_with({"FilterType": "Correlation", "CorrelationFilter": {"Properties": {"a": "b"}}})],
    )
    (found,) = config.queues
    assert found.settings.dead_letter_on_expiry is True
    assert (found.settings.default_ttl, found.settings.lock_duration) == (60 * MINUTE, 90_000)
    assert (found.settings.max_delivery_count, found.duplicate_window) == (3, 20_000)
    (subscription,) = config.topics[0].subscriptions
    assert subscription.filters[0].application_properties == (("a", "b"),)


def test_a_true_filter_lets_everything_in(tmp_path):
    always = topic_with({"FilterType": "Sql", "SqlFilter": {"SqlExpression": "1 = 1"}})
    assert load(tmp_path, topics=[always]).topics[0].subscriptions[0].filters == ()


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        pytest.param({"queues": [queue(RequiresSession=True)]}, "queue q: sessions", id="sessions"),
        pytest.param({"queues": [queue(ForwardTo="x")]}, "queue q: forwarding", id="forwarding"),
        pytest.param({"queues": [queue(ForwardDeadLetteredMessagesTo="x")]}, "forwarding", id="dead letters forwarded"),
        pytest.param({"queues": [queue(AutoDeleteOnIdle="PT5M")]}, "AutoDeleteOnIdle", id="unknown property"),
        pytest.param({"queues": [queue(LockDuration="1 minute")]}, "LockDuration", id="no duration"),
        pytest.param({"queues": [queue(LockDuration="PT0S")]}, "longer than nothing", id="empty duration"),
        pytest.param({"queues": [queue(MaxDeliveryCount=True)]}, "whole number", id="wrong type"),
        pytest.param({"queues": [queue(MaxDeliveryCount=0)]}, "MaxDeliveryCount", id="no delivery"),
        pytest.param({"queues": [{"Name": "a"}, {"Name": "A"}]}, "a is there twice", id="twins"),
        pytest.param({"queues": [{"Name": ""}]}, "name", id="no name"),
        pytest.param({"queues": ["q"]}, "must be an object", id="no object"),
        pytest.param({"Namespaces": []}, "exactly one namespace", id="no namespace"),
        pytest.param(
            {"topics": [topic_with({"FilterType": "Sql", "SqlFilter": {"SqlExpression": "a = 1"}})]},
            "topic t, subscription s, rule r: SQL filters",
            id="SQL filter",
        ),
        pytest.param(
            {"topics": [topic_with({"FilterType": "Correlation", "Action": {"SqlExpression": "SET a = 1"}})]},
            "actions",
            id="rule action",
        ),
        pytest.param(
            {"topics": [topic_with({"FilterType": "Correlation", "CorrelationFilter": {}})]},
            "states nothing",
            id="empty filter",
        ),
    ],
)
def test_what_cannot_be_honoured_is_refused(tmp_path, parts, words):
    with pytest.raises(ConfigError, match=words) as refusal:
        load(tmp_path, **parts)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "words"), [pytest.param("{", "not JSON", id="JSON"), pytest.param("[]", "object", id="shape")]
)
def test_a_file_that_is_no_configuration_is_refused(tmp_path, content, words):
    path = tmp_path / "c.json"
    path.write_text(content)
    with pytest.raises(ConfigError, match=words):
        load_config(path)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="cannot read"):
        load_config(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("PT1S", 1000),
        ("PT0.5S", 500),
        ("PT1M", 60_000),
        ("PT1H1M1S", 3_661_000),
        ("P1D", 86_400_000),
        ("P10675199DT2H48M5.4775807S", 922_337_203_685_478),
    ],
)
def test_a_duration_is_read(text, length):
    assert milliseconds(text) == length


@pytest.mark.parametrize("text", ["", "P", "PT", "P1DT", "1S", "PT1", "P1M", "PT-1S", "00:01:00"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="ISO 8601"):
        milliseconds(text)
