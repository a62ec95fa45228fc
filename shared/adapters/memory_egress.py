"""Calls that leave a trace here and reach nobody: answered by a function of the test's own, under the same rules."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from shared.adapters.egress_rules import Credential, EgressRules
from shared.domain.errors import Permanent
from shared.ports.egress import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A call as the system would have got it."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


async def nothing_to_say(_: Sent) -> Answer:
    """Answer 200 without a body."""
    return Answer(status=200, headers={}, body=b"")


class MemoryEgress:
    """Keeps what was sent, in order. Without `origins` every https origin may be called."""

    def __init__(
        self,
        answer: Callable[[Sent], Awaitable[Answer]] = nothing_to_say,
        *,
        origins: Callable[[], Iterable[str]] | None = None,
        credentials: Mapping[str, Credential] | None = None,
        most_bytes: int = 1024 * 1024,
    ) -> None:
        self.answer = answer
        self.sent: list[Sent] = []
        self._origins = origins
        self._credentials = credentials or {}
        self._most = most_bytes

    async def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        credential: str | None = None,
    ) -> Answer:
        """See the port."""
        rules = EgressRules(self._origins or (lambda: [url]), self._credentials)
        target = rules.admitted(url)
        sent = Sent(
            method=method,
            url=str(target),
            headers={**(headers or {}), **rules.proof(credential, target)},
            body=body or b"",
        )
        self.sent.append(sent)
        answer = await self.answer(sent)
        if 300 <= answer.status < 400:
            raise Permanent("redirected")
        if len(answer.body) > self._most:
            raise Permanent("answer_too_large")
        return answer
