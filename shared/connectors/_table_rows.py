"""Rows as the table service writes them, without the SDK's own model of each.

The SDK decodes every row three times over before a caller sees it, which costs more than all the rest of a listing.
Its public response hook gives us the answer first; the SDK is then handed an empty page, and keeps what it is good
at: signing, retries, errors, continuation.
"""

import json
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import DecodeError
from azure.core.pipeline import PipelineResponse
from azure.core.pipeline.policies import ContentDecodePolicy

from shared.connectors._failures import azure_failures
from shared.connectors._table_search import Query, Row

if TYPE_CHECKING:
    from azure.data.tables.aio import TableClient

# without type annotations: 64-bit numbers, GUIDs, times in UTC and base64 come as text, all else as JSON
PLAIN = "application/json;odata=nometadata"
# with `odata.etag`, and `<name>@odata.type` beside what JSON has no type for: can be written back as it came
ANNOTATED = "application/json;odata=minimalmetadata"
ETAG = "odata.etag"

type Token = Mapping[str, Any]


async def pages_of(
    table: "TableClient", query: Query, columns: Collection[str], token: Token | None = None, accept: str = PLAIN
) -> AsyncIterator[tuple[Sequence[Row], Token | None]]:
    """Yield the pages of a query from a token on, each with the token of the next."""
    raw = _RawRows()
    pages = table.query_entities(
        query.filter,
        parameters=dict(query.parameters),
        select=sorted(columns),
        headers={"Accept": accept},
        raw_response_hook=raw.catch,
    ).by_page(token)  # type: ignore[arg-type]  # a mapping here, where the base class says text
    while True:
        with azure_failures():
            if await anext(pages, None) is None:
                return
        yield raw.take(), pages.continuation_token  # type: ignore[attr-defined]


class _RawRows:
    """Catches the rows of one page at a time."""

    def __init__(self) -> None:
        self._caught: Sequence[Row] = ()

    def take(self) -> Sequence[Row]:
        """Hand over the page that came last, once."""
        caught, self._caught = self._caught, ()
        return caught

    def catch(self, answer: PipelineResponse[Any, Any]) -> None:
        """Take a page before the SDK does."""
        if answer.http_response.status_code != 200:
            return
        try:
            self._caught = json.loads(answer.http_response.content)["value"]
        except (ValueError, KeyError):
            raise DecodeError("a page of rows arrived broken") from None
        answer.context.options["stream"] = True  # "do not read the body": we have
        answer.context[ContentDecodePolicy.CONTEXT_NAME] = {"value": []}
