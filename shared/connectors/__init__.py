"""One file per kind of system that holds personal data."""
