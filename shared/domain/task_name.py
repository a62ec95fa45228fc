"""What a task is called outside: the request's id and the task's key, as messages carry it."""

import re
from uuid import UUID

from shared.domain.errors import NotFound
from shared.domain.request import RequestId

LONGEST = 160
_NAME = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([a-z0-9-]{1,40}\.[0-9]{1,3}\.[a-z0-9-]{1,40})")


def parse_task_id(task_id: str) -> tuple[RequestId, str]:
    """Return the request and the task's key inside it.

    Raises:
        NotFound: no task can be called that.
    """
    found = _NAME.fullmatch(task_id)
    if found is None:
        raise NotFound
    return RequestId(str(UUID(found[1]))), found[2]
