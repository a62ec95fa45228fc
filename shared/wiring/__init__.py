"""The one place that names real adapters: builds the graph lazily, once for each process."""

import asyncio
import random
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from shared.domain.errors import Gone, NotFound, NotSignedIn, TooMany
from shared.domain.request import Language, Request, RequestId
from shared.messages.commands import AnyCommand
from shared.messages.inputs import SubmitRequest
from shared.use_cases.caller import Caller, require_decider, require_operator, require_reviewer, require_service
from shared.wiring.use_cases import UseCases

if TYPE_CHECKING:
    from shared.ports.world import Principal


class Services(UseCases):
    """Every use case, and what the edge needs besides. What is asked for first is built first.

    Tests build one over memory adapters by setting attributes before they are first read.
    """

    async def submit(
        self,
        submitted: SubmitRequest,
        caller: Caller,
        language: Language,
        channel: Literal["api", "page"],
        body: bytes,
        key: str | None,
    ) -> Request:
        """Receive a request that came in over HTTP."""
        from shared.use_cases.submit_request import Intake

        return await self.submit_request(
            Intake(submitted=submitted, caller=caller, language=language, channel=channel, body=body, key=key)
        )

    async def identify(self, token: str | None, network: str, *, lenient: bool) -> Caller:
        """Find out who is asking.

        `lenient` is for cookies: one that is no session of ours, or has outlived it, counts for nothing on a page.

        Raises:
            NotSignedIn: a token was given and is not valid.
        """
        where = self.references.limit("network", network)
        if token is None:
            return Caller(network=where)
        if token.startswith("s1."):
            try:
                return Caller(network=where, session=self.references.session(token, self.clock()))
            except NotSignedIn:
                if not lenient:
                    raise
        if lenient:
            return Caller(network=where)
        return Caller(network=where, principal=await self.tokens.access(token))

    def require_operator(self, caller: Caller) -> "Principal":
        """Return the operator who is asking, or refuse."""
        return require_operator(caller, self.settings.home_tenant_id)

    def require_reviewer(self, caller: Caller) -> "Principal":
        """Return the reviewer who is asking, or refuse."""
        return require_reviewer(caller, self.settings.home_tenant_id)

    def require_decider(self, caller: Caller) -> "Principal":
        """Return the operator or reviewer who is asking, or refuse."""
        return require_decider(caller, self.settings.home_tenant_id)

    def require_service(self, caller: Caller) -> str:
        """Return the client id of the service that is asking, or refuse."""
        return require_service(caller, self.settings.home_tenant_id)

    def admit(self, caller: Caller) -> None:
        """Refuse a network that floods us with calls that send mail.

        Raises:
            TooMany: it does.
        """
        settings = self.settings
        wait = self.limits.admit("intake-network", caller.network, settings.intake_per_network, settings.intake_window)
        if wait is not None:
            raise TooMany(max(1, round(wait.total_seconds())))

    async def put_back(self, command: AnyCommand, retry_after: float | None) -> None:
        """Send a scheduled copy with the next attempt: exponential, with jitter on the upper half.

        Once the wait grows longer than the sweep takes to come by, the command is left to the sweep, which sends every
        open one anew: a long outage never piles up chains of retries. Only a command's first sending waits for longer
        than that, where a service asks for it.

        Raises:
            Transient: the bus could not be reached.
        """
        base = self.settings.retry_base.total_seconds()
        wait = base * 2 ** min(command.attempt - 1, 20) * random.uniform(0.5, 1)
        asked = max(wait, retry_after or 0)
        longest = self.settings.reissue_after.total_seconds() / 2
        if wait > longest or (command.reissue and asked > longest):
            return
        again = command.model_copy(update={"attempt": command.attempt + 1})
        await self.bus.send([again], timedelta(seconds=asked))

    async def dependencies(self) -> dict[str, Literal["ok", "unreachable"]]:
        """Ask each dependency something cheap about nobody, whose absence is a good answer."""
        nobody = str(UUID(int=0))
        checks: dict[str, Any] = {
            "state": self.requests.read(RequestId(nobody)),
            "keys": self.keys.of(RequestId(nobody)),
            "exports": self.packages.size(nobody),
            "bus": self.bus.reach(),
            "dataMap": asyncio.to_thread(self.maps.current),
        }
        found = await asyncio.gather(*checks.values(), return_exceptions=True)
        return {
            name: "unreachable" if isinstance(result, Exception) and not isinstance(result, NotFound | Gone) else "ok"
            for name, result in zip(checks, found, strict=True)
        }


_lock = Lock()
_services: Services | None = None


def services() -> Services:
    """Return the graph, built at first use."""
    global _services  # noqa: PLW0603 - one graph a process is what this module is for
    if _services is None:
        with _lock:
            if _services is None:
                from shared.settings import Settings

                _services = Services(Settings())
    return _services


def override(replacement: Services | None) -> None:
    """Use another graph, or with None build a new one at next use; for tests."""
    global _services  # noqa: PLW0603
    _services = replacement
