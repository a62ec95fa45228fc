"""Writes the record of processing activities: python -m shared.processing_record --role controller --format csv."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from shared.data_map_check import checked
from shared.domain.data_map import Role
from shared.domain.errors import DataMapInvalid
from shared.domain.processing_record import record_of
from shared.use_cases.writing_records import as_sheet


def main(arguments: Sequence[str]) -> int:
    """Write the record to standard output; return the exit code."""
    asked = _arguments().parse_args(arguments)
    try:
        data_map = checked(asked.file)
    except DataMapInvalid as error:
        sys.stderr.write(f"{error}\n")
        return 1
    record = record_of(data_map, Role(asked.role), asked.language)
    if asked.format == "csv":
        sys.stdout.write(as_sheet(record))
    else:
        sys.stdout.write(record.model_dump_json(by_alias=True, exclude_none=True, indent=2) + "\n")
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="shared.processing_record", description=__doc__)
    parser.add_argument("--role", choices=[one.value for one in Role], required=True)
    parser.add_argument("--format", choices=["json", "csv"], default="json")
    parser.add_argument("--language", choices=["en", "nl"], default="en")
    parser.add_argument("--file", type=Path, default=Path("data_map.yaml"), help="the data map")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
