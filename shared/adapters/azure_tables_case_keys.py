"""Case keys, wrapped, in Azure Tables: an account of their own, where what is deleted is gone."""

import os
import time
from collections import OrderedDict

from shared.adapters.aes_gcm_seal import KEY_SIZE, AesGcmSeal
from shared.adapters.azure_table import AzureTable
from shared.adapters.key_wrapping import KeyWrapping
from shared.domain.errors import AlreadyThere, Gone
from shared.domain.request import RequestId

_KEY = "key"
_REMEMBERED_FOR = 60.0  # seconds, and with it how long another instance may still unlock after a shred
_REMEMBERED = 1000


class AzureTablesCaseKeys:
    """One row a request. Seals are remembered for a minute, so that a burst of work unwraps once."""

    def __init__(self, table: AzureTable, wrapping: KeyWrapping) -> None:
        self._table = table
        self._wrapping = wrapping
        self._seals: OrderedDict[RequestId, tuple[float, AesGcmSeal]] = OrderedDict()

    async def create(self, request_id: RequestId) -> AesGcmSeal:
        """Make, wrap and keep a new key, or return the one that is there."""
        key = os.urandom(KEY_SIZE)
        version, wrapped = await self._wrapping.wrap(key)
        row = {"PartitionKey": request_id, "RowKey": _KEY, "wrapped": wrapped, "wrapped_by": version}
        try:
            await self._table.insert(row)
        except AlreadyThere:
            return await self.of(request_id)
        return self._remember(request_id, key)

    async def of(self, request_id: RequestId) -> AesGcmSeal:
        """Unwrap a request's key."""
        remembered = self._seals.get(request_id)
        if remembered is not None and remembered[0] > time.monotonic():
            return remembered[1]
        row = await self._table.get(request_id, _KEY)
        if row is None:
            self._seals.pop(request_id, None)
            raise Gone("shredded")
        return self._remember(request_id, await self._wrapping.unwrap(row["wrapped_by"], row["wrapped"]))

    async def shred(self, request_id: RequestId) -> None:
        """Delete a request's key."""
        self._seals.pop(request_id, None)
        await self._table.delete(request_id, _KEY)
        self._seals.pop(request_id, None)  # whoever read it meanwhile

    def _remember(self, request_id: RequestId, key: bytes) -> AesGcmSeal:
        seal = AesGcmSeal(key, request_id)
        self._seals.pop(request_id, None)
        self._seals[request_id] = (time.monotonic() + _REMEMBERED_FOR, seal)
        if len(self._seals) > _REMEMBERED:
            self._seals.popitem(last=False)
        return seal
