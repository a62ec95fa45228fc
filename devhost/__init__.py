"""The local stack: everything the service needs from Azure, on one machine."""
