"""The app as it is, on a bus whose locks end soon: a killed receiver's messages are back within seconds."""

import json
from pathlib import Path

from devhost.stack import PROJECT

PARTS = ("function_app.py", "functions", "shared", "host.json", "data_map.yaml")
ENTITIES = Path("infra/servicebus.json")


def app_with_brief_locks(folder: Path, lock: str) -> Path:
    """Make a folder that is the app but for the length of its locks, and return it."""
    app = folder / "app"
    (app / ENTITIES.parent).mkdir(parents=True)
    for part in PARTS:
        (app / part).symlink_to(PROJECT / part)
    entities = json.loads((PROJECT / ENTITIES).read_text())
    for namespace in entities["UserConfig"]["Namespaces"]:
        subscriptions = [one for topic in namespace["Topics"] for one in topic["Subscriptions"]]
        for entity in [*namespace["Queues"], *subscriptions]:
            entity["Properties"]["LockDuration"] = lock
    (app / ENTITIES).write_text(json.dumps(entities))
    return app
