"""What may be told of an exception nobody expected: its kind and its place, not its words, which may repeat input."""

from shared.domain.errors import Permanent, Transient


def told(error: Exception) -> str:
    """Name an exception, with the code of ours, and where it was raised."""
    frame, where = error.__traceback__, ""
    while frame is not None:
        where = f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}"
        frame = frame.tb_next
    code = f"/{error.code}" if isinstance(error, Transient | Permanent) else ""
    return f"{type(error).__name__}{code} at={where}"
