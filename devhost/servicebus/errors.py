"""The errors a peer or an operator is told about.

AmqpError            a condition from the AMQP or Service Bus vocabulary
└── DecodeError      bytes that are not AMQP
ConfigError          a configuration this broker cannot honour
StoreError           a database file that cannot be used
"""


class AmqpError(Exception):
    """A request the broker refuses, with the condition the service would give."""

    def __init__(self, condition: str, description: str) -> None:
        super().__init__(f"{condition}: {description}")
        self.condition = condition
        self.description = description


class DecodeError(AmqpError):
    """Bytes from the peer that are not valid AMQP 1.0."""

    def __init__(self, description: str) -> None:
        super().__init__("amqp:decode-error", description)


class ConfigError(Exception):
    """The configuration asks for something unknown or unsupported."""


class StoreError(Exception):
    """The database cannot be opened or written."""


NOT_FOUND = "amqp:not-found"
NOT_ALLOWED = "amqp:not-allowed"
NOT_IMPLEMENTED = "amqp:not-implemented"
UNAUTHORIZED = "amqp:unauthorized-access"
FRAMING = "amqp:connection:framing-error"
TOO_LARGE = "amqp:link:message-size-exceeded"
LOCK_LOST = "com.microsoft:message-lock-lost"
MESSAGE_NOT_FOUND = "com.microsoft:message-not-found"
ARGUMENT = "com.microsoft:argument-error"
