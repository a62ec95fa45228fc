"""Queues, topics and what they do with messages. Knows no wire."""
