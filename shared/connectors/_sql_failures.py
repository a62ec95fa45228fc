"""What a failed call to a database means for us."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.domain.errors import Permanent, PrivacyError, Transient

CONFLICT = "conflict"  # this transaction gave way to another, and did nothing

# by SQLSTATE, PostgreSQL's appendix A; a class of two signs where no code of five is named
_PASSING = {
    "08": "unreachable",
    "40": CONFLICT,
    "53": "throttled",
    "57": "interrupted",
    "58": "interrupted",
    "XX": "interrupted",
    "25006": "read_only",
    "55006": "busy",
    "55P03": "busy",
    "57014": "timed_out",
}
_LASTING = {
    "22": "value_refused",
    "23": "constraint",
    "28": "access_denied",
    "23502": "column_not_null",
    "23503": "still_referenced",
    "23505": "not_unique",
    "3D000": "store_missing",
    "3F000": "store_missing",
    "42501": "access_denied",
    "42703": "column_missing",
    "42P01": "store_missing",
}
_SQLITE_PASSING = {
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_FULL: "throttled",
    sqlite3.SQLITE_NOMEM: "throttled",
    sqlite3.SQLITE_IOERR: "interrupted",
    sqlite3.SQLITE_INTERRUPT: "interrupted",
    sqlite3.SQLITE_SCHEMA: "changed_meanwhile",
}
_SQLITE_LASTING = {
    sqlite3.SQLITE_CANTOPEN: "store_missing",
    sqlite3.SQLITE_PERM: "access_denied",
    sqlite3.SQLITE_AUTH: "access_denied",
    sqlite3.SQLITE_READONLY: "access_denied",
    sqlite3.SQLITE_CORRUPT: "store_damaged",
    sqlite3.SQLITE_NOTADB: "store_damaged",
    sqlite3.SQLITE_CONSTRAINT: "constraint",
    sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY: "still_referenced",
    sqlite3.SQLITE_CONSTRAINT_NOTNULL: "column_not_null",
    sqlite3.SQLITE_CONSTRAINT_UNIQUE: "not_unique",
}
_EXTENDED = 0xFF  # SQLite says more in the higher bits of its codes


@contextmanager
def sql_failures() -> Iterator[None]:
    """Raise failures as Transient or Permanent, without the database's words: they may repeat values."""
    try:
        yield
    except PrivacyError:
        raise
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise meaning(error) from None
    except Exception as error:  # what the driver raises while it connects is no error of SQLAlchemy's
        if not hasattr(error, "sqlstate") and not isinstance(error, ValueError | OverflowError):
            raise
        raise meaning(error) from None


def meaning(error: Exception) -> PrivacyError:
    """Tell what a failure means: one that may pass, or a refusal for good."""
    if isinstance(error, TimeoutError):
        return Transient("timed_out")
    if isinstance(error, PoolTimeout):
        return Transient("busy")
    if isinstance(error, OSError):
        return Transient("unreachable")
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    state = getattr(cause, "sqlstate", None)
    if state:
        return _by_code(str(state), str(state)[:2])
    number = getattr(cause, "sqlite_errorcode", None)
    if number is not None:
        return _by_number(number, str(cause))
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return Transient("interrupted")
    if isinstance(error, DBAPIError) and hasattr(cause, "sqlstate"):
        return Transient("interrupted")  # the driver's own: the connection went while it spoke
    return Permanent("refused")


def _by_code(state: str, group: str) -> PrivacyError:
    for told in (state, group):
        if told in _LASTING:
            return Permanent(_LASTING[told])
        if told in _PASSING:
            return Transient(_PASSING[told])
    return Permanent(f"refused_{state}")


def _by_number(number: int, told: str) -> PrivacyError:
    for code in (number, number & _EXTENDED):
        if code in _SQLITE_LASTING:
            return Permanent(_SQLITE_LASTING[code])
        if code in _SQLITE_PASSING:
            return Transient(_SQLITE_PASSING[code])
    if told.startswith(("no such table", "unknown database")):
        return Permanent("store_missing")
    if told.startswith("no such column"):
        return Permanent("column_missing")
    return Permanent("refused")
