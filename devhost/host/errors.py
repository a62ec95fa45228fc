"""What can go wrong in the host: bad configuration, a failed invocation."""


class ConfigurationError(Exception):
    """Something the person who starts the host must change; the text is one line."""


class InvocationError(Exception):
    """A function did not end well; the text names the exception's type and place, never its message."""


class WorkerLostError(InvocationError):
    """The worker process ended while the function ran, or could not be started."""


class FunctionTimeoutError(InvocationError):
    """The function ran longer than host.json allows; the worker is restarted."""
