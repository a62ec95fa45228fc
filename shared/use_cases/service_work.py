"""What every step on a service needs: its connector, who the person is, and where the last step ended."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from shared.domain.data_map import DataMap, Service
from shared.domain.dossier import Dossier
from shared.domain.errors import Permanent
from shared.domain.request import Request
from shared.domain.service_task import ServiceTask
from shared.ports.case_keys import Seal
from shared.ports.connector import Connector
from shared.ports.world import Maps
from shared.use_cases.reading_dossiers import Dossiers


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenWork:
    """One task's surroundings, opened."""

    data_map: DataMap
    service: Service
    connector: Connector
    dossier: Dossier
    seal: Seal

    def position[M: BaseModel](self, task: ServiceTask, model: type[M]) -> M | None:
        """Unseal where the last step ended."""
        return None if task.position is None else model.model_validate_json(self.seal.unlock(task.position))

    def sealed(self, position: BaseModel | None) -> bytes | None:
        """Seal where this step ended: positions may carry keys."""
        return None if position is None else self.seal.lock(position.model_dump_json().encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceWork:
    """Opens what a step needs."""

    connectors: Mapping[str, Connector]
    dossiers: Dossiers
    maps: Maps

    async def of(self, request: Request, task: ServiceTask) -> GivenWork:
        """Return a task's surroundings.

        Raises:
            Permanent: `service_left_the_data_map`.
        """
        data_map = self.maps.current()
        service = data_map.service(task.service)
        if service is None:
            raise Permanent("service_left_the_data_map")
        dossier, seal = await self.dossiers.opened(request)
        return GivenWork(
            data_map=data_map,
            service=service,
            connector=self.connectors[service.connector],
            dossier=dossier,
            seal=seal,
        )
