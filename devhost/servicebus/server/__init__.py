"""Connections, sessions and links: how clients reach the entities."""
