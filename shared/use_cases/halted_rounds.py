"""What a halted round had erased before it stopped: shown by the look that the next round takes."""

from collections.abc import Mapping
from datetime import datetime

from shared.domain.data_map import DataMap
from shared.domain.erasure import Decision, ErasureReceipt, Found
from shared.domain.service_task import ServiceTask, Work
from shared.ports.requests import Case, Versioned


def accounted(
    case: Case, found: Mapping[tuple[int, str], Found], data_map: DataMap, at: datetime
) -> list[Versioned[ServiceTask]]:
    """Return the tasks that were stopped amid a dataset, with a receipt for what they had erased of it.

    That is what they counted before their first deletion, less what was found now. Where either cannot be told, nothing
    is claimed.
    """
    changed = []
    for task in case.tasks.values():
        row = task.row
        shown = {one.dataset for one in row.receipts}
        open_ones = [one for one in row.decisions if row.work is Work.ERASE and one.dataset not in shown]
        receipts = [one for decision in open_ones if (one := _receipt(decision, row, found, data_map, at)) is not None]
        if receipts:
            after = row.model_copy(update={"receipts": (*row.receipts, *receipts)})
            changed.append(Versioned(row=after, etag=task.etag))
    return changed


def _receipt(
    decision: Decision, task: ServiceTask, found: Mapping[tuple[int, str], Found], data_map: DataMap, at: datetime
) -> ErasureReceipt | None:
    service = data_map.service(decision.service)
    before = task.found.get(decision.dataset, Found()).count
    left = found.get((decision.part, decision.dataset), Found()).count
    if service is None or before is None or left is None or left >= before:
        return None
    return ErasureReceipt(
        dataset=decision.dataset,
        action=decision.action,
        count=before - left,
        method=f"logical {decision.action.value}, {service.connector}",
        at=at,
        verified="looked_again",
    )
