"""Every refusal the domain knows, as one tree.

PrivacyError
├── InvalidInput            a field of the input cannot be accepted
├── NotSignedIn             no proof of who is asking, or one that is not valid
├── NotAllowed              known who is asking, and it is not theirs to ask
├── NotFound                no such thing, or not for this caller to know
├── Gone                    it was there and has ended
├── Conflict                the state does not allow it
│   └── IdempotencyMismatch the same key came with another body
├── ProofNeeded             a fresh proof of identity is asked before this
├── CodeRejected            the code does not match; tries are counted
├── TooMany                 a flood limit is reached
├── StaleState              somebody else moved the state first: load again
├── AlreadyThere            a row with this key exists
├── Transient               an outside system failed in a way that may pass
├── Permanent               an outside system refused for good
├── Drift                   what runs no longer fits the plan that was shown
├── Poison                  a message that can never be handled
└── DataMapInvalid          the data map is refused, with line and reason
"""


class PrivacyError(Exception):
    """Never raised directly. Messages name fields, codes and ids, never values."""


class InvalidInput(PrivacyError):
    """A field of the input cannot be accepted."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class NotSignedIn(PrivacyError):
    """There is no proof of who is asking, or it is not valid."""


class NotAllowed(PrivacyError):
    """The caller is known and may not do this."""


class NotFound(PrivacyError):
    """No such thing, or not for this caller to know."""


class Gone(PrivacyError):
    """It was there and has ended; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Conflict(PrivacyError):
    """The state of the request does not allow this now; `code` says which rule."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class IdempotencyMismatch(Conflict):
    """The same Idempotency-Key came with another body."""

    def __init__(self) -> None:
        super().__init__("idempotency_key_reused")


class ProofNeeded(PrivacyError):
    """A fresh code or sign-in is needed before this is done."""


class CodeRejected(PrivacyError):
    """The code or link secret does not match; `tries_left` more are allowed."""

    def __init__(self, tries_left: int) -> None:
        super().__init__("code rejected")
        self.tries_left = tries_left


class TooMany(PrivacyError):
    """A flood limit is reached; asking again makes sense after `retry_after` seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("too many requests")
        self.retry_after = retry_after


class StaleState(PrivacyError):
    """The row changed since it was read (ETag mismatch): load it again and decide again."""


class AlreadyThere(PrivacyError):
    """A row with this key exists."""


class Transient(PrivacyError):
    """An outside system failed in a way that may pass; `retry_after` seconds if it said so."""

    def __init__(self, code: str, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after


class Permanent(PrivacyError):
    """An outside system refused for good; `code` is a reason without personal data."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Drift(PrivacyError):
    """What an erasure meets no longer fits its plan; `code` says what, `dataset` where. A person has to look."""

    def __init__(self, code: str, dataset: str) -> None:
        super().__init__(f"{code} {dataset}")
        self.code = code
        self.dataset = dataset


class Poison(PrivacyError):
    """A message that can never be handled: dead-lettered with this reason."""


class DataMapInvalid(PrivacyError):
    """The data map cannot be used; the message names place and reason."""
