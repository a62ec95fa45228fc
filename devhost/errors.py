"""The one error whose text a person at the terminal reads."""


class StackError(Exception):
    """The stack cannot do what was asked; the message says why in one line, without a secret."""
