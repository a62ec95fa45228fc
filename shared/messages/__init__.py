"""Commands that travel on the bus: ids and times, never personal data."""
