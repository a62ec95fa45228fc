"""Starting a function that is not HTTP by hand, as an administrator may."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from devhost.host.catalogue import Function, MessageTrigger
from devhost.host.errors import InvocationError
from devhost.host.invoker import Invoker
from devhost.host.timers import Timer


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """Runs a function once with an input of the administrator's."""

    invoker: Invoker
    timers: Mapping[str, Timer]

    async def __call__(self, function: Function, text: str) -> None:
        """Run it; how it ended is recorded, not told."""
        if isinstance(function.trigger, MessageTrigger):
            await self._message(function, function.trigger, text)
        else:
            await self.timers[function.name].run_by_hand()

    async def _message(self, function: Function, trigger: MessageTrigger, text: str) -> None:
        metadata = {"MessageId": ["string", str(uuid.uuid4())], "DeliveryCount": ["json", "1"]}
        for name in ("ApplicationProperties", "UserProperties"):
            metadata[name] = ["json", "{}"]
        payload = {"kind": "binary" if trigger.binary else "text", "metadata": metadata}
        try:
            await self.invoker.run(function, payload, text.encode())
        except InvocationError:
            return
