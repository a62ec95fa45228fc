"""Every lane that a service names has its subscription, and a function that works on it."""

import json
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
TOPIC = "service-tasks"


@pytest.fixture(scope="module")
def lanes():
    services = yaml.safe_load((ROOT / "data_map.yaml").read_text())["services"]
    return {service["lane"] for service in services}


def test_every_lane_has_a_subscription_that_takes_its_messages_alone(lanes):
    [namespace] = json.loads((ROOT / "infra" / "servicebus.json").read_text())["UserConfig"]["Namespaces"]
    [topic] = [topic for topic in namespace["Topics"] if topic["Name"] == TOPIC]
    filters = {
        subscription["Name"]: [rule["Properties"]["CorrelationFilter"] for rule in subscription["Rules"]]
        for subscription in topic["Subscriptions"]
    }
    assert lanes
    assert filters == {lane: [{"ApplicationProperties": {"lane": lane}}] for lane in filters}
    assert lanes <= filters.keys()


def test_every_lane_has_a_function(lanes, index):
    triggers = [function.get_trigger().get_dict_repr() for function in index.values()]
    served = {one["subscriptionName"] for one in triggers if one.get("topicName") == TOPIC}
    assert lanes <= served
