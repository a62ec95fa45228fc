"""Use cases that publish the data map and the record of processing, built when they are first asked for."""

from shared.wiring.erasures import Erasures


class Publishing(Erasures):
    """The graph of what is public."""
