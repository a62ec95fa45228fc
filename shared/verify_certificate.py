"""Checks a certificate offline: python -m shared.verify_certificate FILE [--keys FILE] [--fingerprint KEY] [--json].

FILE is the ZIP that was delivered, or its `certificate.sd-jwt`, whole or with some lines left out.
"""

import argparse
import json
import sys
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shared.domain.certificate_checking import MOST_BYTES, CertificateRefused, Checked, verify

_CERTIFICATE, _KEYS = "certificate.sd-jwt", "keys.json"


def main(arguments: Sequence[str]) -> int:
    """Say in one line each what the certificate proves, or why it proves nothing; return the exit code."""
    given = _parser().parse_args(_joined(arguments))
    try:
        text, keys_beside = _read(given.file)
        keys = _keys(given.keys, keys_beside)
        checked = verify(text, keys, given.fingerprint)
    except CertificateRefused as refused:
        sys.stderr.write(f"refused: {refused.code}\n")
        return 1
    pinned = given.fingerprint is not None or given.keys is not None
    if given.json:
        sys.stdout.write(json.dumps(_as_json(checked, pinned=pinned), ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in _facts(checked, pinned=pinned))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m shared.verify_certificate", description="Check a certificate.")
    parser.add_argument("file", type=Path, help="the ZIP, or certificate.sd-jwt")
    parser.add_argument("--keys", type=Path, help="a key set from /api/v1/keys; else the one beside the certificate")
    parser.add_argument("--fingerprint", help="the thumbprint of the one key that may have signed")
    parser.add_argument("--json", action="store_true", help="print what is proven as JSON")
    return parser


def _joined(arguments: Sequence[str]) -> list[str]:
    """Write `--fingerprint KEY` as `--fingerprint=KEY`: a thumbprint may begin with a hyphen."""
    joined: list[str] = []
    for argument in arguments:
        if joined[-1:] == ["--fingerprint"]:
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def _read(file: Path) -> tuple[str, bytes | None]:
    """Return the certificate, and the key set that lies beside it."""
    data = _bytes(file)
    if not data.startswith(b"PK"):
        beside = file.parent / _KEYS
        return _text(data), _bytes(beside) if beside.is_file() else None
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            return _text(_member(archive, _CERTIFICATE)), _member(archive, _KEYS) if _KEYS in names else None
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, NotImplementedError, OSError, ValueError):
        raise CertificateRefused("zip_unreadable") from None


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
    except OSError:
        raise CertificateRefused("file_unreadable") from None
    if len(data) > MOST_BYTES:
        raise CertificateRefused("too_large")
    return data


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as opened:
        data = opened.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise CertificateRefused("too_large")
    return data


def _text(data: bytes) -> str:
    try:
        return data.decode("ascii")
    except UnicodeDecodeError:
        raise CertificateRefused("not_a_certificate") from None


def _keys(chosen: Path | None, beside: bytes | None) -> Mapping[str, Any]:
    data = _bytes(chosen) if chosen else beside
    if data is None:
        raise CertificateRefused("keys_missing")
    try:
        keys = json.loads(data)
    except (ValueError, RecursionError):
        raise CertificateRefused("keys_unreadable") from None
    if not isinstance(keys, dict):
        raise CertificateRefused("keys_unreadable")
    return keys


def _facts(checked: Checked, *, pinned: bool) -> Iterator[str]:
    cover = checked.cover
    yield f"certificate  {_shown(cover.jti)}"
    yield f"issued       {datetime.fromtimestamp(cover.iat, UTC):%Y-%m-%d} by {_shown(cover.iss)}"
    yield f"signed by    {checked.key}" + ("" if pinned else f"  (compare with {_shown(cover.iss)}/api/v1/keys)")
    yield f"outcome      {cover.outcome}, asked {cover.asked_on}, finished {cover.erased_on}"
    if cover.backups_until:
        yield f"copies       gone by {cover.backups_until}"
    if cover.case_file_until:
        yield f"case file    kept until {cover.case_file_until} under Article {cover.case_file_ground}"
    yield f"audit event  {_shown(cover.audit_event)}"
    for name, line in sorted(checked.lines.items()):
        yield f"{name:12} {' '.join(_told(line))}"
    yield f"not shown    {checked.unseen} digests, decoys among them"


def _told(line: Mapping[str, Any]) -> Iterator[str]:
    if "plan" in line:
        yield f"plan {_shown(line['plan'])}"
        return
    yield _shown(line.get("dataset") or line.get("recipient"))
    yield _shown(line.get("outcome"))
    for name in ("count", "verified", "reason", "exemption", "until", "at"):
        if name in line:
            yield f"{name}={_shown(line[name])}"


def _shown(value: object) -> str:
    """Return a value in one line, and without anything that would change what a terminal shows."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in str(value))


def _as_json(checked: Checked, *, pinned: bool) -> dict[str, Any]:
    cover = checked.cover.model_dump(mode="json", exclude_none=True)
    told = {"certificate": cover, "lines": dict(checked.lines), "notShown": checked.unseen}
    return told | {"key": checked.key, "pinned": pinned}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
