"""The functions, their triggers, and what the bus holds for them."""

import json
import re
from pathlib import Path

from shared.adapters import azure_service_bus
from shared.adapters.yaml_data_map import load
from shared.connectors import discover

HTTP = [
    "account_event_note",
    "bounce_note",
    "callback_take",
    "code_resend",
    "consent_list",
    "copy_waive",
    "export_open",
    "export_revoke",
    "export_show",
    "health_show",
    "identity_confirm",
    "identity_disown",
    "keys_show",
    "link_renew",
    "map_show",
    "measure_lift",
    "notice_preview",
    "openapi_show",
    "ops_approve",
    "ops_ask",
    "ops_authority",
    "ops_brakes",
    "ops_clarify",
    "ops_close",
    "ops_decisions",
    "ops_doubt",
    "ops_extend",
    "ops_lift",
    "ops_list",
    "ops_plan",
    "ops_plan_anew",
    "ops_record",
    "ops_release",
    "ops_show",
    "ops_tenant",
    "ops_tenant_put",
    "ops_unproven",
    "ops_verdict",
    "ops_verdict_confirm",
    "ops_verdict_drop",
    "ops_vouch",
    "page_ask",
    "page_asked",
    "page_clarify",
    "page_lift",
    "page_link",
    "page_status",
    "page_stop",
    "page_stopped",
    "page_verified",
    "page_verify",
    "page_waive",
    "page_withdraw",
    "plan_show",
    "processing_lookup",
    "profile_update",
    "record_show",
    "request_clarify",
    "request_list",
    "request_question",
    "request_show",
    "request_stop",
    "request_submit",
    "request_withdraw",
    "review_decide",
    "review_list",
    "review_show",
    "sign_in_finish",
    "sign_in_start",
    "task_answer",
    "task_claim",
    "tenant_comment",
    "tenant_decide",
    "tenant_disclose",
    "tenant_request",
    "tenant_requests",
    "tenant_self_service",
    "tenant_statistics",
]
BUS = [
    "code_send",
    "request_advance",
    "export_assemble",
    "notice_send",
    "request_plan",
    "task_run_newsletter_vendor",
    "task_run_recipients",
    "task_run_stores",
]
TIMERS = ["account_events_sweep", "limits_sweep", "waits_sweep"]


def trigger(found) -> dict:
    return found.get_trigger().get_dict_repr()


def of_kind(index, kind: str) -> dict[str, dict]:
    return {name: trigger(found) for name, found in index.items() if trigger(found)["type"] == kind}


def test_the_index_is_the_expected_one(index):
    assert sorted(index) == sorted([*HTTP, *BUS, *TIMERS])
    assert sorted(of_kind(index, "httpTrigger")) == sorted(HTTP)
    assert sorted(of_kind(index, "serviceBusTrigger")) == sorted(BUS)
    assert sorted(of_kind(index, "timerTrigger")) == TIMERS


def test_one_file_holds_one_function_of_its_name(index, root):
    files = {path.stem for path in (root / "functions").glob("*.py") if not path.name.startswith("_")}
    assert files == set(index)
    assert all(found.get_user_function().__name__ == name for name, found in index.items())


def test_every_route_states_who_may_call_it_and_is_anonymous_to_the_host(index):
    for name in HTTP:
        known = {"anyone", "person", "operator", "service", "reviewer", "decider", "tenant"}
        assert index[name].get_user_function().access in known, name
        assert trigger(index[name])["authLevel"].value == "anonymous", name
        assert len(trigger(index[name])["methods"]) == 1, name


def test_routes_are_ours_to_take_and_their_ids_are_guids(index):
    for name, told in of_kind(index, "httpTrigger").items():
        assert not told["route"].startswith(("admin", "runtime", "/")), name
        for place in re.findall(r"\{(.*?)\}", told["route"]):
            assert place.endswith("_id:guid") or place in {
                "task_id:maxlength(160)",
                "brake:maxlength(60)",
                "notice:maxlength(40)",
            }, name


def test_no_two_functions_answer_the_same_call(index):
    calls = [(told["route"], told["methods"][0].value) for told in of_kind(index, "httpTrigger").values()]
    assert len(set(calls)) == len(calls)


def test_the_description_has_every_route_with_its_access(index):
    from functions._openapi_routes import ROUTES

    described = {route.name: (route.method, route.path, route.access) for route in ROUTES}
    assert described == {
        name: (
            told["methods"][0].value.lower(),
            "/" + re.sub(r":[^}]*", "", told["route"]),
            index[name].get_user_function().access,
        )
        for name, told in of_kind(index, "httpTrigger").items()
    }


def test_timers_never_run_on_startup_and_come_by_a_setting_or_once_an_hour(index):
    for told in of_kind(index, "timerTrigger").values():
        assert told["runOnStartup"] is False
        assert re.fullmatch(r"%[A-Z_]+%|0 \d+ \* \* \* \*", told["schedule"])


def entities(root) -> tuple[set[str], set[tuple[str, str]]]:
    told = json.loads((root / "infra" / "servicebus.json").read_text())
    (namespace,) = told["UserConfig"]["Namespaces"]
    queues = {queue["Name"] for queue in namespace["Queues"]}
    return queues, {
        (topic["Name"], one["Name"]) for topic in namespace["Topics"] for one in topic.get("Subscriptions", [])
    }


def test_the_bus_has_a_function_for_every_queue_and_subscription_and_the_other_way_round(index, root):
    triggers = of_kind(index, "serviceBusTrigger").values()
    queues, subscriptions = entities(root)
    subscriptions -= {("service-tasks", lane) for lane in lanes(root, "lane_service")}
    assert queues == {told["queueName"] for told in triggers if "queueName" in told}
    assert subscriptions == {(told["topicName"], told["subscriptionName"]) for told in triggers if "topicName" in told}
    assert {told["connection"] for told in triggers} == {"ServiceBus"}


def lanes(root, *kinds: str) -> set[str]:
    """The lanes of the data map, of services of these kinds or of all."""
    connectors = {kind: factory(None) for kind, factory in discover().items()}
    services = load(root / "data_map.yaml", connectors).services
    return {one.lane for one in services if not kinds or one.connector in kinds}


def test_every_lane_of_the_data_map_has_a_subscription_and_so_has_word_to_recipients(root):
    assert lanes(root, "lane_service")
    assert {("service-tasks", lane) for lane in {*lanes(root), "recipients"}} == entities(root)[1]


def test_the_adapter_sends_to_what_there_is(root):
    queues, subscriptions = entities(root)
    told = Path(azure_service_bus.__file__).read_text(encoding="utf-8")
    for name in queues | {topic for topic, _ in subscriptions}:
        assert f'"{name}"' in told, name
