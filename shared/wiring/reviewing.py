"""Use cases around copies that a person looks through first, built when they are first asked for."""

from shared.wiring.erasures import Erasures


class Reviewing(Erasures):
    """The graph of reviews."""
