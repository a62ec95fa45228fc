"""The sample company's data map for one machine: outside systems stand where they run here, or are left out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

MAP = Path(__file__).parent.parent / "data_map.yaml"


def local_map(urls: Mapping[str, str], *, listening: bool = True) -> str:
    """Return the text of the data map with `urls` of outside services and of recipients, by their ids.

    An outside service without one is left out, and so are those that listen to their own lanes unless some are
    `listening`: a request would wait for them until their time limit. A recipient without one is not notified.
    """
    whole = yaml.load(MAP.read_bytes(), yaml.CSafeLoader)
    whole["services"] = [one for one in whole["services"] if _runs_here(one, urls, listening)]
    here = {one["id"] for one in whole["services"]}
    processors = (
        {**one, "services": [name for name in one["services"] if name in here]} for one in whole["processors"]
    )
    whole["processors"] = [one for one in processors if one["services"]]
    for service in whole["services"]:
        if service["connector"] == "http_service":
            service["settings"] = service["settings"] | {"url": urls[service["id"]]}
        for dataset in service["datasets"]:
            dataset["recipients"] = [_told_here(one, urls) for one in dataset["recipients"]]
    return yaml.dump(whole, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)


def _runs_here(service: Mapping[str, Any], urls: Mapping[str, str], listening: bool) -> bool:
    if service["connector"] == "lane_service":
        return listening
    return service["connector"] != "http_service" or service["id"] in urls


def _told_here(recipient: Mapping[str, Any], urls: Mapping[str, str]) -> dict[str, Any]:
    notify = recipient.get("notify")
    if notify is None or notify["how"] == "mail":
        return dict(recipient)
    kept = {name: value for name, value in recipient.items() if name != "notify"}
    address = urls.get(recipient["id"])
    return kept if address is None else kept | {"notify": notify | {"address": address}}
