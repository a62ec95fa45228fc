"""A vendor's system, outside the service and in a process of its own: it speaks `docs/services.md` over HTTP."""
