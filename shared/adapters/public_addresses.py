"""Which addresses may be called from here: those of the public internet, and none that leads inwards in disguise."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

_PUBLIC_V6 = IPv6Network("2000::/3")
_NAT64, _SIX_TO_FOUR = IPv6Network("64:ff9b::/96"), IPv6Network("2002::/16")
# What Python's tables count as public and is not for us.
_NEITHER = [
    ip_network(one)
    for one in (
        "168.63.129.16/32",  # Azure's platform, from inside every virtual network
        "192.0.0.0/24",
        "192.88.99.0/24",
        "2001::/23",
        "3fff::/20",
    )
]


def is_public(address: str) -> bool:
    """Tell whether an address is one on the public internet; an IPv4 address inside an IPv6 one is looked at itself."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        inner = _inside(found)
        if inner is not None:
            return is_public(str(inner))
        if found not in _PUBLIC_V6 or found.scope_id is not None:
            return False
    return found.is_global and not found.is_multicast and not any(found in one for one in _NEITHER)


def is_loopback(address: str) -> bool:
    """Tell whether an address is this very machine."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _inside(address: IPv6Address) -> IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _SIX_TO_FOUR:
        return address.sixtofour
    return None
