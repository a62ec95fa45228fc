"""Rows as the table service writes them, without the SDK's own model of each.

The SDK decodes every row three times over before a caller sees it, which costs more than all the rest of a listing.
Its public response hook gives us the answer first; the SDK is then handed an empty page, and keeps what it is good
at: signing, retries, errors, continuation.
"""

import json
from collections.abc import Sequence
from typing import Any

from azure.core.exceptions import DecodeError
from azure.core.pipeline import PipelineResponse
from azure.core.pipeline.policies import ContentDecodePolicy

from shared.connectors._table_search import Row

# without type annotations: 64-bit numbers, GUIDs, times in UTC and base64 come as text, all else as JSON
ACCEPT = {"Accept": "application/json;odata=nometadata"}


class RawRows:
    """Catches the rows of one page at a time."""

    def __init__(self) -> None:
        self._caught: Sequence[Row] = ()

    @property
    def options(self) -> dict[str, Any]:
        """What to call the listing with."""
        return {"headers": dict(ACCEPT), "raw_response_hook": self._catch}

    def take(self) -> Sequence[Row]:
        """Hand over the page that came last, once."""
        caught, self._caught = self._caught, ()
        return caught

    def _catch(self, answer: PipelineResponse[Any, Any]) -> None:
        if answer.http_response.status_code != 200:
            return
        try:
            self._caught = json.loads(answer.http_response.content)["value"]
        except (ValueError, KeyError):
            raise DecodeError("a page of rows arrived broken") from None
        answer.context.options["stream"] = True  # "do not read the body": we have
        answer.context[ContentDecodePolicy.CONTEXT_NAME] = {"value": []}
