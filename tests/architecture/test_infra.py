"""What is deployed: as the code needs it, with no more rights than it needs."""

import json
import re
from itertools import chain

import pytest

from shared.adapters.yaml_data_map import load
from shared.connectors import discover
from shared.domain.data_map import Service
from shared.settings import Settings
from shared.use_cases.opening_stages import RECIPIENTS

ROLES = {
    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor: state, keys, the host's own, and stores",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor: fragments, packages, and stores",
    "db58b8e5-c6ad-4a2a-8342-4190687cbf4a": "Storage Blob Delegator: links to packages",
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner: the Functions host asks for it on its own",
    "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39": "Azure Service Bus Data Sender",
    "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0": "Azure Service Bus Data Receiver",
    "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
    "e147488a-f6f5-4113-8e2d-b22465e65bf6": "Key Vault Crypto Service Encryption User: wrap and unwrap",
    "12338af0-0e69-4776-bea7-57ae8d297424": "Key Vault Crypto User, on one key: sign certificates, list versions",
    "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
    "09976791-48a7-449e-bb21-39d1a415f350": "Communication and Email Service Owner: the only role that may send mail",
}
OF_THE_HOST = re.compile(r"(APPLICATIONINSIGHTS|AzureWebJobsStorage__|ServiceBus__)\w+|SWEEP_SCHEDULE")
NOT_IN_AZURE = {"WRAPPING_KEY_1", "SIGNING_KEY_1", "SIGNING_KEY_2"}  # there these keys never leave their vault


@pytest.fixture(scope="module")
def bicep(root) -> dict[str, str]:
    """Every template by name, without its comments."""
    files = [root / "infra" / "main.bicep", *sorted((root / "infra" / "app").glob("*.bicep"))]
    return {path.stem: re.sub(r"^\s*//.*$", "", path.read_text(), flags=re.MULTILINE) for path in files}


@pytest.fixture(scope="module")
def app_settings(bicep) -> set[str]:
    start = bicep["main"].index("settings: union(")
    told = bicep["main"][start:] + bicep["function"][bicep["function"].index("var all = union(") :]
    found = set(re.findall(r"[\s{]\s+([A-Z]\w+): ", told))
    assert "STATE_TABLES_URL" in found
    return found


def told_by(names) -> set[str]:
    return {(Settings.model_fields[name].alias or name).upper() for name in names}


def resources(text: str, kind: str) -> list[str]:
    """Every declaration of a kind, up to the bracket in the first column that ends it."""
    return re.findall(rf"^resource \w+ '{re.escape(kind)}@[^']*' = .*?^[}}\]]", text, re.MULTILINE | re.DOTALL)


def test_every_setting_that_must_be_set_is_set(app_settings):
    needed = told_by(name for name, field in Settings.model_fields.items() if field.is_required())
    assert needed
    assert needed <= app_settings


def test_every_setting_that_is_set_is_one_that_somebody_reads(app_settings):
    ours = {name for name in app_settings if not OF_THE_HOST.fullmatch(name)}
    assert {name.upper() for name in ours} <= told_by(Settings.model_fields)


def test_every_placeholder_of_a_trigger_is_a_setting_here_and_in_the_example(index, app_settings, root):
    bindings = chain.from_iterable(found.get_bindings_dict()["bindings"] for found in index.values())
    asked = set(re.findall(r"%(\w+)%", json.dumps(list(bindings), default=str)))
    assert "SWEEP_SCHEDULE" in asked
    example = json.loads((root / "local.settings.example.json").read_text())["Values"]
    assert asked <= app_settings
    assert asked <= example.keys()


def test_the_example_has_what_must_be_set_and_nothing_that_nobody_reads(root):
    example = json.loads((root / "local.settings.example.json").read_text())["Values"]
    of_the_host = {"FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage", "SWEEP_SCHEDULE"}
    stores = {name for name in example if name.startswith("STORE_")}
    known = told_by(Settings.model_fields)
    needed = told_by(name for name, field in Settings.model_fields.items() if field.is_required())
    assert needed <= {name.upper() for name in example}
    assert {name.upper() for name in example.keys() - of_the_host - stores} <= known


@pytest.fixture(scope="module")
def services(root) -> tuple[Service, ...]:
    """The services of the data map that is deployed."""
    connectors = {kind: factory(None) for kind, factory in discover().items()}
    return load(root / "data_map.yaml", connectors).services


@pytest.fixture(scope="module")
def parameters(root) -> dict[str, dict]:
    return json.loads((root / "infra" / "main.parameters.json").read_text())["parameters"]


def test_every_store_of_the_data_map_has_its_account_or_its_database(services, parameters):
    accounts = {one.settings["store"] for one in services if one.connector.startswith("azure_")}
    databases = {one.settings["store"] for one in services if one.connector == "sql"}
    assert accounts
    assert databases
    assert {one["name"] for one in parameters["stores"]["value"]} == accounts
    assert {one["name"] for one in parameters["databases"]["value"]} == databases


def test_every_credential_of_the_data_map_has_its_vendor_and_its_token_stays_in_the_vault(services, parameters, bicep):
    credentials = {one.settings["credential"] for one in services if "credential" in one.settings}
    assert credentials
    assert {one["name"] for one in parameters["vendors"]["value"]} == credentials
    (told,) = re.findall(r"_TOKEN',\s+one => '(.*?)'\n", bicep["main"])
    assert told == "@Microsoft.KeyVault(SecretUri=${vault.outputs.uri}secrets/egress-${one.name})"


def test_what_is_erased_from_may_be_written_and_is_never_owned(bicep):
    (granted,) = re.findall(r"roleIds: \[(.*?)\]", bicep["store"])
    assert granted.split(", ") == ["tableContributor", "blobContributor", "tagReader.name"]
    (actions,) = re.findall(r"\n {8}dataActions: \[(.*?)\]", bicep["store"], re.DOTALL)
    assert re.findall(r"blobs/([\w/]+)'", actions) == ["tags/read", "filter/action"]


def test_every_service_that_listens_to_its_own_lane_may_receive_there_and_do_nothing_else(bicep, services, parameters):
    assert {one["lane"] for one in parameters["listeners"]["value"]} == {
        one.lane for one in services if one.connector == "lane_service"
    }
    (grant,) = resources(bicep["listener"], "Microsoft.Authorization/roleAssignments")
    assert "scope: namespace::topic::subscription" in grant
    assert re.findall(r"'([0-9a-f-]{36})'", bicep["listener"]) == ["4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0"]


def test_the_parameters_file_has_every_parameter_that_must_be_given(bicep, root):
    told = json.loads((root / "infra" / "main.parameters.json").read_text())["parameters"]
    needed = set(re.findall(r"^param (\w+) \w+$", bicep["main"], re.MULTILINE))
    assert "publicUrl" in needed
    assert set(told) == needed


def test_every_module_is_given_what_it_asks_for(bicep):
    for name, body in re.findall(
        r"^module \w+ 'app/(\w+)\.bicep' = (.*?)^[}\]]", bicep["main"], re.MULTILINE | re.DOTALL
    ):
        asked = set(re.findall(r"^param (\w+) ", bicep[name], re.MULTILINE))
        given = body[body.index("params: {") :]
        assert asked == {one for one in asked if re.search(rf"[{{,\s]{one}:", given)}, name


def test_every_role_is_one_we_know_the_reason_for(bicep):
    guids = re.findall(r"'([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})'", "".join(bicep.values()))
    assert set(guids) == set(ROLES)


def test_nobody_is_owner_of_data_but_the_host_of_its_own(bicep):
    owner = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"
    assert [name for name, text in bicep.items() if owner in text] == ["storage"]
    assert re.findall(r"role: '(\w+)', grants: \[[^\]]*blobOwner", bicep["storage"]) == ["host"]
    assert bicep["storage"].count("blobOwner") == 2
    assert "090c5cfd-751d-490a-894a-3ce6f1109419" not in "".join(bicep.values()), "Azure Service Bus Data Owner"


def test_no_shared_keys_anywhere(bicep):
    accounts = list(
        chain.from_iterable(resources(text, "Microsoft.Storage/storageAccounts") for text in bicep.values())
    )
    made = [one for one in accounts if " existing " not in one.splitlines()[0]]
    assert made
    for account in made:
        assert "allowSharedKeyAccess: false" in account
        assert "allowBlobPublicAccess: false" in account
        assert "supportsHttpsTrafficOnly: true" in account
    (namespace,) = resources(bicep["bus"], "Microsoft.ServiceBus/namespaces")
    assert "disableLocalAuth: true" in namespace
    (insights,) = resources(bicep["telemetry"], "Microsoft.Insights/components")
    assert "DisableLocalAuth: true" in insights
    for text in bicep.values():
        assert not re.search(r"listKeys|AccountKey|SharedAccessKey|primaryKey", text, re.IGNORECASE)


def test_secrets_are_references_to_the_vault(bicep):
    keys = re.findall(r"[\s{](\w+_KEY(?:_\d|_URL)): '(.*?)'[\s}]", bicep["main"])
    assert {name for name, _ in keys} == told_by(
        name for name in Settings.model_fields if "_key_" in name
    ) - NOT_IN_AZURE
    for name, value in keys:
        if not name.endswith("_URL"):
            assert value.startswith("@Microsoft.KeyVault(SecretUri=${vault.outputs.uri}secrets/"), name


def test_what_is_deleted_is_gone(bicep):
    (services,) = resources(bicep["storage"], "Microsoft.Storage/storageAccounts/blobServices")
    assert " deleteRetentionPolicy: { enabled: false }" in services
    assert "containerDeleteRetentionPolicy: { enabled: false }" in services
    assert "isVersioningEnabled: false" in services


def test_the_tables_and_containers_are_those_the_wiring_names(bicep, root):
    wiring = (root / "shared" / "wiring" / "ports.py").read_text()
    named = set(re.findall(r'_table\("(\w+)"\)|_tables_url, "(\w+)"\)', wiring))
    tables = {one for pair in named for one in pair if one}
    made = "".join(resources(bicep["storage"], "Microsoft.Storage/storageAccounts/tableServices/tables"))
    assert {"Requests", "CaseKeys"} <= tables
    assert tables == {name for name in re.findall(r"'(\w+)'", made) if name[0].isupper()}
    containers = set(re.findall(r'_blobs\("(\w+)"\)', wiring))
    assert containers == set(re.findall(r"'(fragments|packages)'", bicep["storage"]))


def test_a_subscription_is_as_the_local_stack_has_it(bicep, root):
    (namespace,) = json.loads((root / "infra" / "servicebus.json").read_text())["UserConfig"]["Namespaces"]
    (lanes,) = resources(bicep["bus"], "Microsoft.ServiceBus/namespaces/topics/subscriptions")
    told = dict(re.findall(r"^ {6}(\w+): '?([\w.]+)'?$", lanes, re.MULTILINE))
    assert len(told) == 4
    for topic in namespace["Topics"]:
        for one in topic["Subscriptions"]:
            known = {name[0].lower() + name[1:]: value for name, value in one["Properties"].items()}
            assert {name: str(known[name]).removesuffix(".0").lower() for name in told} == {
                name: value.lower() for name, value in told.items()
            }


def test_every_listener_hears_of_changed_limits_on_a_subscription_of_its_own_that_keeps_nothing_old(bicep, root):
    (namespace,) = json.loads((root / "infra" / "servicebus.json").read_text())["UserConfig"]["Namespaces"]
    assert [topic["Name"] for topic in namespace["Topics"]] == ["service-tasks", "processing-changes"]
    (told,) = re.findall(r"^module changes 'app/changes\.bicep' = (.*?)^\]", bicep["main"], re.MULTILINE | re.DOTALL)
    assert "for one in listeners:" in told
    assert "topicName: entities.Topics[1].Name" in told
    (subscription,) = resources(bicep["changes"], "Microsoft.ServiceBus/namespaces/topics/subscriptions")
    assert "defaultMessageTimeToLive: 'PT1H'" in subscription
    assert "deadLetteringOnMessageExpiration: false" in subscription
    (grant,) = resources(bicep["changes"], "Microsoft.Authorization/roleAssignments")
    assert "scope: subscription\n" in grant
    assert re.findall(r"'([0-9a-f-]{36})'", bicep["changes"]) == ["4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0"]


def test_word_to_recipients_has_its_subscription_beside_those_of_the_data_map(bicep):
    (more,) = re.findall(r"^var lanes = union\(map\(dataMap.services, .*?\), \[(.*?)\]\)$", bicep["main"], re.MULTILINE)
    assert more == f"'{RECIPIENTS}'"


def test_only_the_app_is_shipped(root):
    ignored = (root / ".funcignore").read_text().split()
    shipped = {"function_app.py", "functions", "shared", "host.json", "data_map.yaml", "requirements.txt"}
    assert {"tests", "devhost", "samples", "benchmarks", "infra", "docs", "local.settings.json"} <= set(ignored)
    assert not shipped & set(ignored)
