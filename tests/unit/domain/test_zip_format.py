"""The package's format, read by Python's own reader."""

import io
import struct
import zipfile
import zlib
from datetime import UTC, datetime

import pytest

from shared.domain.zip_format import STORED, Member, central_directory, dos_time, local_header, packed, placed_size

AT = datetime(2026, 11, 2, 9, 30, 11, tzinfo=UTC)
GIB = 1024**3


def archive(files: list[tuple[str, bytes]]) -> bytes:
    placed, pieces, offset = [], [], 0
    for path, data in files:
        member, pressed = packed(path, data)
        placed.append((member, offset))
        pieces += [local_header(member, AT), pressed]
        offset += placed_size(member)
    assert offset == sum(map(len, pieces))
    return b"".join([*pieces, *central_directory(placed, AT, offset)])


def test_what_was_packed_is_read_back():
    files = [("a.txt", b"alpha" * 1000), ("data/ünï/日本.json", b"{}"), ("empty", b"")]
    with zipfile.ZipFile(io.BytesIO(archive(files))) as read:
        assert read.testzip() is None
        assert [(info.filename, read.read(info)) for info in read.infolist()] == files
        assert {info.date_time for info in read.infolist()} == {(2026, 11, 2, 9, 30, 10)}


def test_a_stored_member_is_read_back():
    data = b"already small"
    member = Member("f.bin", len(data), len(data), zlib.crc32(data), STORED)
    whole = local_header(member, AT) + data
    whole += b"".join(central_directory([(member, 0)], AT, len(whole)))
    with zipfile.ZipFile(io.BytesIO(whole)) as read:
        assert read.read("f.bin") == data
        assert read.getinfo("f.bin").compress_type == zipfile.ZIP_STORED


def test_an_empty_archive_is_an_archive():
    with zipfile.ZipFile(io.BytesIO(archive([]))) as read:
        assert read.namelist() == []


def test_seventy_thousand_entries_are_counted_in_zip64():
    member, pressed = packed("x", b"")
    placed = [(member, 0)] * 70_000
    whole = local_header(member, AT) + pressed
    whole += b"".join(central_directory(placed, AT, len(whole)))
    with zipfile.ZipFile(io.BytesIO(whole)) as read:
        assert len(read.infolist()) == 70_000


@pytest.mark.parametrize(
    ("size", "packed_size", "offset"),
    [
        pytest.param(5 * GIB, 5 * GIB, 0, id="both sizes"),
        pytest.param(5 * GIB, 1 * GIB, 0, id="size alone"),
        pytest.param(1, 1, 5 * GIB, id="offset alone"),
        pytest.param(5 * GIB, 5 * GIB, 6 * GIB, id="all three"),
        pytest.param(0xFFFF_FFFF, 1, 0, id="the very limit"),
        pytest.param(0xFFFF_FFFE, 0xFFFF_FFFE, 0xFFFF_FFFE, id="just below the limit"),
    ],
)
def test_large_sizes_and_offsets_are_read_back_from_forged_members(size, packed_size, offset):
    member = Member("large.bin", size, packed_size, 7, STORED)
    directory = b"".join(central_directory([(member, offset)], AT, 0))
    with zipfile.ZipFile(io.BytesIO(directory)) as read:
        (info,) = read.infolist()
    assert (info.file_size, info.compress_size, info.header_offset) == (size, packed_size, offset)


def test_a_directory_beyond_four_gigabytes_says_where_it_is():
    directory = b"".join(central_directory([(Member("a", 1, 1, 1, STORED), 0)], AT, 5 * GIB))
    end = directory.index(b"PK\x06\x06")
    (start,) = struct.unpack_from("<Q", directory, end + 48)
    (locator,) = struct.unpack_from("<Q", directory, directory.index(b"PK\x06\x07") + 8)
    assert start == 5 * GIB
    assert locator == 5 * GIB + end


def test_a_large_members_header_carries_both_sizes():
    member = Member("large.bin", 5 * GIB, 4, 7, STORED)
    header = local_header(member, AT)
    assert placed_size(member) == len(header) + 4
    assert struct.unpack_from("<HHQQ", header, 30 + len("large.bin")) == (1, 16, 5 * GIB, 4)
    assert struct.unpack_from("<LL", header, 18) == (0xFFFF_FFFF, 0xFFFF_FFFF)


def test_times_before_the_format_began_are_its_first_year():
    assert dos_time(datetime(1970, 1, 1, tzinfo=UTC))[1] >> 9 == 0
