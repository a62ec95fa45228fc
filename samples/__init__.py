"""The sample company: people and data to try the service with. Never deployed."""
