"""The world behind the ports, one technology and role per file."""
