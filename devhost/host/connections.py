"""Service Bus connections by the name of the app setting that holds them."""

import ssl
from collections.abc import Mapping
from contextlib import AsyncExitStack

from azure.servicebus._pyamqp.aio._transport_async import AsyncTransport
from azure.servicebus.aio import ServiceBusClient

from devhost.host.errors import ConfigurationError

READ_WAIT = 0.5
"""Seconds the SDK waits for a frame before it looks around; each one costs processor time while idle."""


async def _write(transport: AsyncTransport, data: bytes) -> None:
    await transport._write(data)  # type: ignore[no-untyped-call]  # noqa: SLF001


# The SDK's transport writes only while nobody reads, so that settling a message waits until a read ends or times out.
# Streams of asyncio can do both at once.
AsyncTransport.write = _write  # type: ignore[method-assign, assignment]


def open_client(connection: str, app_settings: Mapping[str, str], closing: AsyncExitStack) -> ServiceBusClient:
    """Make a client, which connects when it is first used; `closing` ends it with its credential.

    It tries everything once: whoever uses it tries again, sooner than the SDK would.

    Raises:
        ConfigurationError: No app setting describes the connection.
    """
    trust = ssl.create_default_context()  # one for all links, since each would read the certificates again
    for name in (f"AzureWebJobs{connection}", connection):
        if text := app_settings.get(name):
            try:
                client = ServiceBusClient.from_connection_string(text, retry_total=0, ssl_context=trust)
            except ValueError:
                raise ConfigurationError(f"app setting {name} is no Service Bus connection string") from None
            closing.push_async_callback(client.close)
            return client
        if namespace := app_settings.get(f"{name}__fullyQualifiedNamespace"):
            from azure.identity.aio import DefaultAzureCredential  # noqa: PLC0415 - slow to import, rarely needed here

            credential = DefaultAzureCredential()
            closing.push_async_callback(credential.close)
            client = ServiceBusClient(namespace, credential, retry_total=0, ssl_context=trust)
            closing.push_async_callback(client.close)
            return client
    raise ConfigurationError(f"app setting {connection} (or {connection}__fullyQualifiedNamespace) is missing")
