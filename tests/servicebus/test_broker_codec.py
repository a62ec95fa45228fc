"""AMQP values and message sections."""

import uuid
from contextlib import suppress

import pytest
from azure.servicebus._pyamqp._decode import decode_payload
from azure.servicebus._pyamqp._encode import encode_payload
from azure.servicebus._pyamqp.message import Header, Message, Properties
from hypothesis import given
from hypothesis import strategies as st

from devhost.servicebus.amqp import encode
from devhost.servicebus.amqp.decode import Described, decode, skip, spans
from devhost.servicebus.amqp.message import batched, delivered, parse, properties_of
from devhost.servicebus.errors import DecodeError


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        pytest.param("40", None, id="null"),
        pytest.param("41", True, id="true"),
        pytest.param("5600", False, id="boolean false"),
        pytest.param("43", 0, id="uint0"),
        pytest.param("5205", 5, id="smalluint"),
        pytest.param("70ffffffff", 0xFFFFFFFF, id="uint"),
        pytest.param("54ff", -1, id="smallint"),
        pytest.param("71fffffffe", -2, id="int"),
        pytest.param("81ffffffffffffffff", -1, id="long"),
        pytest.param("80ffffffffffffffff", 2**64 - 1, id="ulong"),
        pytest.param("61fffe", -2, id="short"),
        pytest.param("823ff8000000000000", 1.5, id="double"),
        pytest.param("9800000000000000000000000000000005", uuid.UUID(int=5), id="uuid"),
        pytest.param("a003010203", b"\x01\x02\x03", id="binary"),
        pytest.param("b100000002c3bc", "ü", id="long string"),
        pytest.param("a30161", "a", id="symbol"),
        pytest.param("45", [], id="empty list"),
        pytest.param("c00402520541", [5, True], id="list"),
        pytest.param("c10702a10161a10162", {"a": "b"}, id="map"),
        pytest.param("e00402500102", [1, 2], id="array"),
        pytest.param("00532445", Described(0x24, []), id="described"),
    ],
)
def test_a_value_is_read_and_skipped_alike(raw, value):
    buf = bytes.fromhex(raw)
    found, end = decode(buf, 0)
    assert found == value
    assert type(found) is type(value)
    assert skip(buf, 0) == end


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("", id="nothing"),
        pytest.param("01", id="unknown constructor"),
        pytest.param("7000", id="cut off"),
        pytest.param("a005616263", id="string past the end"),
        pytest.param("a102fffe", id="not UTF-8"),
        pytest.param("c0030340", id="fewer items than stated"),
        pytest.param("d0000000ffffffffff", id="endless count"),
        pytest.param("f000000005ffffffff40", id="endless array of nothing"),
        pytest.param("c10301a10161", id="map with a key alone"),
        pytest.param("c1060245a10162", id="map with a list as key"),
        pytest.param("c0" * 200, id="deep"),
        pytest.param("00" * 200, id="descriptors of descriptors"),
    ],
)
def test_bytes_that_are_no_value_are_refused(raw):
    with pytest.raises(DecodeError):
        decode(bytes.fromhex(raw), 0)


@given(st.binary(max_size=200))
def test_no_bytes_can_do_worse_than_be_refused(raw):
    for read in (lambda: decode(raw, 0), lambda: skip(raw, 0), lambda: list(spans(raw, 0)), lambda: parse(raw)):
        with suppress(DecodeError):
            read()


values = st.recursive(
    st.one_of(
        st.none().map(lambda _: (encode.NULL, None)),
        st.booleans().map(lambda value: (encode.boolean(value), value)),
        st.integers(0, 2**32 - 1).map(lambda value: (encode.uint(value), value)),
        st.integers(0, 2**64 - 1).map(lambda value: (encode.ulong(value), value)),
        st.integers(-(2**63), 2**63 - 1).map(lambda value: (encode.long(value), value)),
        st.binary(max_size=300).map(lambda value: (encode.binary(value), value)),
        st.text(max_size=300).map(lambda value: (encode.string(value), value)),
    ),
    lambda inner: st.lists(inner, max_size=6).map(
        lambda items: (encode.list_of([raw for raw, _ in items]), [value for _, value in items])
    ),
    max_leaves=20,
)


@given(values)
def test_what_is_written_is_read_back(pair):
    raw, value = pair
    assert decode(raw, 0) == (value, len(raw))
    assert skip(raw, 0) == len(raw)


def sdk_message(**parts):
    out = bytearray()
    encode_payload(out, Message(**parts))
    return bytes(out)


PARTS = {
    "header": Header(ttl=5000),
    "message_annotations": {b"x-own": "kept", b"x-opt-sequence-number": 99},
    "delivery_annotations": {b"x-gone": 1},
    "properties": Properties(message_id="m-1", correlation_id="c-1"),
    "application_properties": {"a": 1, "DeadLetterReason": "old"},
    "data": [b"body"],
}


def redelivered(content, **known):
    known = {"sequence": 7, "origin": 3, "enqueued_at": 1_700_000_000_000, "delivery_count": 2, **known}
    return decode_payload(memoryview(delivered(content, **known)))


def test_a_message_is_taken_apart_and_put_together():
    content, scheduled_at = parse(sdk_message(**PARTS))
    assert (content.message_id, content.ttl, scheduled_at) == ("m-1", 5000, None)
    message = redelivered(content, locked_until=1_700_000_060_000)
    assert message.header.delivery_count == 2
    assert message.header.ttl == 5000
    assert message.message_annotations == {
        b"x-opt-sequence-number": 7,
        b"x-opt-enqueue-sequence-number": 3,
        b"x-opt-enqueued-time": 1_700_000_000_000,
        b"x-opt-locked-until": 1_700_000_060_000,
        b"x-own": b"kept",
    }
    assert message.delivery_annotations is None
    assert message.application_properties == {b"a": 1, b"DeadLetterReason": b"old"}
    assert list(message.data) == [b"body"]


def test_properties_are_set_without_touching_the_others():
    content, _ = parse(sdk_message(**PARTS))
    message = redelivered(content.with_properties({"DeadLetterReason": "new", "More": "ü"}))
    assert message.application_properties == {
        b"a": 1,
        b"DeadLetterReason": b"new",
        b"More": "ü".encode(),
    }
    assert (message.properties.correlation_id, list(message.data)) == (b"c-1", [b"body"])


@pytest.mark.parametrize(
    "properties", [pytest.param(None, id="no section"), pytest.param(Properties(correlation_id="c"), id="others only")]
)
def test_a_message_without_an_id_is_given_one(properties):
    content, _ = parse(sdk_message(properties=properties, data=[b"x"]))
    message = redelivered(content)
    assert message.properties.message_id.decode() == content.message_id
    assert len(content.message_id) == 32
    assert message.properties.correlation_id == (None if properties is None else b"c")
    assert properties_of(content)[0][0] == content.message_id


def test_properties_can_be_added_where_there_are_none():
    content, _ = parse(sdk_message(data=[b"x"]))
    message = redelivered(content.with_properties({"DeadLetterReason": "r"}))
    assert message.application_properties == {b"DeadLetterReason": b"r"}
    assert list(message.data) == [b"x"]


def test_a_time_to_live_beyond_the_header_is_read_from_the_properties():
    properties = Properties(message_id="m", creation_time=1_000, absolute_expiry_time=1_000 + 2**33)
    content, _ = parse(sdk_message(header=Header(ttl=0xFFFFFFFF), properties=properties, data=[b"x"]))
    assert content.ttl == 2**33
    assert redelivered(content).header.ttl == 0xFFFFFFFF


def test_a_batch_holds_messages_and_nothing_else():
    inner = [sdk_message(data=[bytes([number])]) for number in range(3)]
    assert batched(sdk_message(data=inner)) == inner
    with pytest.raises(DecodeError):
        batched(bytes.fromhex("005375a10161"))
