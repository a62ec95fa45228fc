"""No address that leads inwards is ever taken for a public one, in whatever form it comes."""

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.public_addresses import is_loopback, is_public

# IANA's special-purpose registries and what stands beside them, written out here by hand.
INWARDS_4 = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "168.63.129.16/32",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
]
INWARDS_6 = [
    "::/128",
    "::1/128",
    "::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/32",
    "2001:2::/48",
    "2001:db8::/32",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
]


def addresses_in(networks):
    def within(network):
        first, last = int(network.network_address), int(network.broadcast_address)
        kind = IPv4Address if network.version == 4 else IPv6Address
        return st.one_of(st.just(first), st.just(last), st.integers(first, last)).map(kind)

    return st.sampled_from([ip_network(one) for one in networks]).flatmap(within)


def disguises(address):
    number = int(address)
    return [
        IPv6Address(0xFFFF << 32 | number),
        IPv6Address(0x64FF9B << 96 | number),
        IPv6Address(0x2002 << 112 | number << 80 | 1),
    ]


@given(addresses_in(INWARDS_4))
def test_an_inward_ipv4_address_is_not_public_in_any_disguise(address):
    assert not is_public(str(address))
    assert [one for one in disguises(address) if is_public(str(one))] == []


@given(addresses_in(INWARDS_6))
def test_an_inward_ipv6_address_is_not_public(address):
    assert not is_public(str(address))


@given(st.integers(0, 2**128 - 1).map(IPv6Address))
def test_outside_global_unicast_only_a_translated_ipv4_address_is_public(address):
    if is_public(str(address)):
        known = address in ip_network("2000::/3") or address in ip_network("64:ff9b::/96")
        assert known or address.ipv4_mapped is not None


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_a_disguise_is_public_exactly_where_the_address_in_it_is(address):
    assert {is_public(str(one)) for one in disguises(address)} == {is_public(str(address))}


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001::1"])
def test_an_address_on_the_internet_is_public(address):
    assert is_public(address)
    assert not is_loopback(address)


@pytest.mark.parametrize("text", ["", "localhost", "127.1", "0x7f.0.0.1", "2130706433", "8.8.8.8 ", "2606::1%eth0"])
def test_what_is_no_plain_address_is_neither(text):
    assert not is_public(text)
    assert not is_loopback(text)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_loopback_and_not_public(address):
    assert is_loopback(address)
    assert not is_public(address)
