"""Service Bus connections by the name of the app setting that holds them."""

from collections.abc import Mapping

from azure.servicebus.aio import ServiceBusClient

from devhost.host.errors import ConfigurationError

_READ_WAIT = 1.0
"""Seconds the SDK waits for a frame before it looks around; each one costs processor time while idle."""


def open_client(connection: str, app_settings: Mapping[str, str]) -> ServiceBusClient:
    """Make a client, which connects when it is first used.

    Raises:
        ConfigurationError: No app setting describes the connection.
    """
    for name in (f"AzureWebJobs{connection}", connection):
        if text := app_settings.get(name):
            try:
                return ServiceBusClient.from_connection_string(text, socket_timeout=_READ_WAIT)
            except ValueError:
                raise ConfigurationError(f"app setting {name} is no Service Bus connection string") from None
        if namespace := app_settings.get(f"{name}__fullyQualifiedNamespace"):
            from azure.identity.aio import DefaultAzureCredential  # noqa: PLC0415 - slow to import, rarely needed here

            return ServiceBusClient(namespace, DefaultAzureCredential(), socket_timeout=_READ_WAIT)
    raise ConfigurationError(f"app setting {connection} (or {connection}__fullyQualifiedNamespace) is missing")
