"""Every lane's subscription takes the messages of its lane, and of no other."""

import json
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOPIC = "service-tasks"


def test_every_subscription_takes_the_messages_of_its_lane_alone():
    [namespace] = json.loads((ROOT / "infra" / "servicebus.json").read_text())["UserConfig"]["Namespaces"]
    [topic] = [topic for topic in namespace["Topics"] if topic["Name"] == TOPIC]
    filters = {
        subscription["Name"]: [rule["Properties"]["CorrelationFilter"] for rule in subscription["Rules"]]
        for subscription in topic["Subscriptions"]
    }
    assert filters
    assert filters == {lane: [{"ApplicationProperties": {"lane": lane}}] for lane in filters}
