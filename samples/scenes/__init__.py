"""The demo, scene by scene."""
