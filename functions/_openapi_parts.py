"""Parameters and the problem that the API's description names in many places."""

from functions._openapi_route import Schema
from functions._rights_asked import CHOICES

_ID = "6f1d7c1e-6a0b-4f3b-9d55-0a1b2c3d4e5f"
_RECEIVED, _DUE = "2026-11-23T09:30:00Z", "2026-12-23T22:59:59Z"
PARAMETERS: dict[str, Schema] = {
    "Idempotency-Key": {
        "in": "header",
        "description": "A repeated call with the same key finds the first one's request. Printable ASCII.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        "example": "3c0e7a44-8f0a-4e8e-8a71-5d1f1f6f2b11",
    },
    "Accept-Language": {
        "in": "header",
        "description": "Taken where no language is chosen.",
        "schema": {"type": "string"},
        "example": "nl",
    },
    "If-Match": {
        "in": "header",
        "description": "The ETag of what was read; left out for what is new.",
        "schema": {"type": "string"},
        "example": "W/\"datetime'2026-11-24T09%3A30%3A00.0000000Z'\"",
    },
    "open": {"in": "query", "description": "`true` leaves out what has ended.", "schema": {"enum": ["true", "false"]}},
    "If-None-Match": {
        "in": "header",
        "description": "The ETag of the answer that is there already.",
        "schema": {"type": "string"},
        "example": '"2026-11-24+0f3a5c7e9b1d"',
    },
    "X-Privacy-Callback": {
        "in": "header",
        "required": True,
        "description": "The token that came with the erasure.",
        "schema": {"type": "string"},
        "example": "c1.1.(64 hexadecimal digits)",
    },
    "language": {"in": "query", "schema": {"enum": ["en", "nl"]}},
    "role": {"in": "query", "required": True, "schema": {"enum": ["controller", "processor"]}},
    "due_after": {"in": "query", "schema": {"type": "string", "format": "date-time"}, "example": _RECEIVED},
    "due_before": {"in": "query", "schema": {"type": "string", "format": "date-time"}, "example": _DUE},
    "state": {"in": "query", "description": "A status word.", "schema": {"type": "string"}, "example": "forwarded"},
    "attention": {"in": "query", "description": "A code.", "schema": {"type": "string"}, "example": "at_risk"},
    "part": {"in": "query", "description": "A part by its number.", "schema": {"type": "integer", "minimum": 0}},
    "limit": {"in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}},
    "cursor": {"in": "query", "description": "From the page before.", "schema": {"type": "string"}},
    "export": {"in": "query", "description": "What to open.", "schema": {"type": "string", "format": "uuid"}},
    "request": {"in": "query", "description": "A request to look at.", "schema": {"type": "string", "format": "uuid"}},
    "right": {"in": "query", "description": "What is asked.", "schema": {"enum": [*CHOICES]}},
}
PATHS: dict[str, Schema] = {
    "task_id": {"type": "string", "maxLength": 160, "description": "The request's id, a dot, and the task's key."},
    "notice": {"type": "string", "pattern": "^[a-z_]{1,40}$", "description": "A mail, `answered` for example."},
}
PROBLEM: Schema = {
    "type": "object",
    "description": "Problem details (RFC 9457). No value of the input is ever repeated.",
    "required": ["type", "title", "status", "code", "instance"],
    "additionalProperties": False,
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string", "pattern": "^[a-z0-9_]+$", "description": "What is wrong, for programs."},
        "instance": {"type": "string", "format": "uri", "description": "This one occurrence, for asking us about it."},
        "detail": {"type": "string", "description": "What to do next, where the code alone does not say."},
        "triesLeft": {"type": "integer", "minimum": 0},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "reason"],
                "additionalProperties": False,
                "properties": {"field": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
    },
    "example": {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "code": "invalid_input",
        "instance": f"urn:uuid:{_ID}",
        "errors": [{"field": "email", "reason": "not an address"}],
    },
}
