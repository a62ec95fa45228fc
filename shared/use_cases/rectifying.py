"""One service's corrections: set what was granted, and look again that it says so."""

from dataclasses import dataclass

from shared.domain.errors import Permanent
from shared.domain.request import Request
from shared.domain.service_task import ServiceTask
from shared.ports.requests import Versioned
from shared.ports.world import Clock
from shared.use_cases.service_work import ServiceWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Rectifying:
    """One bounded step of a correction."""

    work: ServiceWork
    clock: Clock

    async def step(self, request: Request, task: Versioned[ServiceTask]) -> Versioned[ServiceTask]:
        """Correct, and return the task as it is to be saved, with the ETag to save it under.

        Raises:
            Transient, Permanent: the service failed.
        """
        raise Permanent("not_rectifiable")
