"""Which function answers a request: the first, by name, whose route and methods fit."""

from collections.abc import Iterable

from devhost.host.catalogue import Function, HttpTrigger


class Router:
    """The real host's routing: literals have no precedence over parameters, and a wrong method is no match."""

    def __init__(self, functions: Iterable[Function]) -> None:
        self._routes = [
            (function, function.trigger)
            for function in functions
            if function.runs and isinstance(function.trigger, HttpTrigger)
        ]

    def find(self, method: str, path: str) -> tuple[Function, HttpTrigger, dict[str, str]] | None:
        """The function for a method and decoded path, with the route's parameters."""
        wanted = path.removeprefix("/").removesuffix("/")
        for function, trigger in self._routes:
            if method in trigger.methods and (parameters := trigger.template.match(wanted)) is not None:
                return function, trigger, parameters
        return None
