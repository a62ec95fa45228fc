"""A sample of a service that listens to its own lane: telemetry, kept by a team and in a process of its own."""
