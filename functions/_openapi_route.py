"""How a route is described."""

from typing import Any, Literal, NamedTuple

from functions._http import Access

type Schema = dict[str, Any]


class Route(NamedTuple):
    """One operation. `page` routes talk to browsers, `both` to browsers and programs.

    `answers` gives status and the name of the model answered: `""` for no body, `page` for HTML, `any` for free JSON;
    `problems` the statuses answered as problem details beside those that every route has.
    """

    name: str
    method: Literal["get", "post", "put", "patch", "delete"]
    path: str
    tag: str
    summary: str
    access: Access
    kind: Literal["api", "page", "both"]
    answers: dict[int, str]
    problems: tuple[int, ...] = ()
    body: str | None = None
    form: dict[str, str] | None = None
    takes: tuple[str, ...] = ()


BODY = (400, 413, 415)
