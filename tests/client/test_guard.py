"""Where requests may go."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.client import AsyncSession, FastHTTPConnectionError, Guard, NetworkTransport, SSRFBlockedError, Timeout
from fasterapi.client.addresses import is_public, parse_address
from tests.client.conftest import Resolver
from tests.client.sites import Site

PRIVATE = [
    "127.0.0.1",
    "127.1",
    "0",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "198.18.0.1",
    "192.0.0.192",
    "168.63.129.16",
    "224.0.0.1",
    "255.255.255.255",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "[::1]",
    "[::]",
    "[0::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    "[fc00::5]",
    "[fd00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "foo.localhost",
    "metadata.google.internal",
]


@pytest.mark.parametrize("host", PRIVATE)
async def test_own_networks_are_out_of_reach(host: str) -> None:
    async with AsyncSession() as session:
        with pytest.raises(SSRFBlockedError) as raised:
            await session.get(f"http://{host}/")
    assert raised.value.method == "GET"


@pytest.mark.parametrize("host", PRIVATE)
async def test_a_proxy_changes_nothing_for_what_is_written(host: str) -> None:
    async with AsyncSession(proxy="http://127.0.0.1:1/") as session:
        with pytest.raises(SSRFBlockedError):
            await session.get(f"http://{host}/")


@pytest.mark.parametrize("host", ["8.8.8.8", "2606:4700::1111", "64:ff9b::8.8.8.8", "2002:808:808::"])
def test_the_public_internet_is_not(host: str) -> None:
    Guard().check_host(host)


@pytest.mark.parametrize("host", ["shop.mylocal", "internal", "api.internal.example", "localhost.example.com", "10.example.com"])
def test_names_are_not_judged_by_their_looks(host: str) -> None:
    Guard().check_host(host)


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", "::1", "::ffff:10.0.0.1", "169.254.169.254"])
async def test_names_are_judged_by_their_addresses(resolver: Resolver, address: str) -> None:
    resolver.say("inside.example", [address])
    async with AsyncSession() as session:
        with pytest.raises(SSRFBlockedError, match=r"inside\.example"):
            await session.get("http://inside.example/")


async def test_one_forbidden_address_is_enough(resolver: Resolver) -> None:
    resolver.say("both.example", ["8.8.8.8", "127.0.0.1"])
    async with AsyncSession() as session:
        with pytest.raises(SSRFBlockedError):
            await session.get("http://both.example/")


async def test_a_name_that_changes_its_address_changes_nothing(resolver: Resolver, site: Site) -> None:
    # Judged as an address where nobody answers, it must not be asked for again and connected to elsewhere.
    resolver.say("rebinding.example", ["192.88.99.1"], ["127.0.0.1"])
    async with AsyncSession(security=Guard(allow=["192.88.99.1"]), timeout=Timeout(connect=0.1)) as session:
        with pytest.raises(FastHTTPConnectionError):
            await session.get(site.url(host="rebinding.example"))
    assert (resolver.asked, site.asked) == (["rebinding.example"], [])


async def test_what_was_judged_is_what_is_connected_to(resolver: Resolver, site: Site) -> None:
    resolver.say("rebinding.example", ["127.0.0.1"], ["10.0.0.1"])
    async with AsyncSession(security=Guard(allow=["127.0.0.1"])) as session:
        assert (await session.get(site.url("/x", host="rebinding.example"))).status_code == 404
    assert site.last.headers["host"] == f"rebinding.example:{site.port}"


async def test_the_next_address_is_tried(resolver: Resolver, site: Site) -> None:
    resolver.say("two.example", ["127.0.0.2", "127.0.0.1"])
    async with AsyncSession(security=Guard(allow=["127.0.0.0/8"])) as session:
        assert (await session.get(site.url(host="two.example"))).status_code == 404


@pytest.mark.parametrize(
    ("allow", "host", "is_allowed"),
    [
        (["127.0.0.1"], "127.0.0.1", True),
        (["127.0.0.1"], "127.1", True),
        (["127.0.0.1"], "127.0.0.2", False),
        (["10.0.0.0/8"], "10.2.3.4", True),
        (["10.0.0.0/8"], "[::ffff:10.2.3.4]", False),
        (["[::1]"], "[::1]", True),
        (["localhost"], "localhost", True),
        (["localhost"], "localhost.evil.localhost", False),
        ([".internal.example"], "db.internal.example", True),
        ([".localhost"], "a.localhost", True),
    ],
)
def test_what_is_allowed(allow: list[str], host: str, is_allowed: bool) -> None:
    guard = Guard(allow=allow)
    if is_allowed:
        guard.check_host(host)
    else:
        with pytest.raises(SSRFBlockedError):
            guard.check_host(host)


@pytest.mark.parametrize("host", ["evil.example", "EVIL.example.", "a.blocked.example", "8.8.8.8", "[::ffff:8.8.8.8]"])
def test_what_is_denied(host: str) -> None:
    guard = Guard(allow=["evil.example"], deny=["evil.example", ".blocked.example", "8.8.0.0/16"])
    with pytest.raises(SSRFBlockedError, match="denied"):
        guard.check_host(host)


async def test_everything_can_be_allowed(site: Site) -> None:
    async with AsyncSession(security=False) as session:
        assert (await session.get(site.url())).status_code == 404


async def test_a_transport_of_ones_own_is_guarded_too(site: Site) -> None:
    async with AsyncSession(transport=NetworkTransport()) as session:
        with pytest.raises(SSRFBlockedError):
            await session.get(site.url())


async def test_the_message_says_what_to_write(site: Site) -> None:
    async with AsyncSession() as session:
        with pytest.raises(SSRFBlockedError, match=r"security=Guard\(allow=\['127.0.0.1'\]\)"):
            await session.get(site.url())


@pytest.mark.parametrize("entry", ["", "*.example.com", "http://x/", "10.0.0.0/99"])
def test_entries_that_are_none(entry: str) -> None:
    with pytest.raises(ValueError, match=r"guard|network"):
        Guard(allow=[entry])


def test_a_list_is_a_list() -> None:
    with pytest.raises(TypeError, match="lists"):
        Guard(allow="localhost")
    with pytest.raises(TypeError, match="Guard"):
        AsyncSession(security="on")  # type: ignore[arg-type]  # the mistake


@given(st.integers(0, 2**32 - 1))
def test_every_spelling_of_an_address_is_read(number: int) -> None:
    address = ip_address(number)
    parts = str(address).split(".")
    spellings = [str(address), str(number), hex(number), f"0{number:o}", ".".join(hex(int(part)) for part in parts)]
    spellings.append(f"{parts[0]}.{number & 0xFFFFFF}")
    assert {parse_address(spelling) for spelling in spellings} == {address}


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_does_not_make_it_public(address: object) -> None:
    number = int(address)  # type: ignore[call-overload]  # an address is a number
    inner = ip_address(number)
    for prefix in (0xFFFF << 32, 0x64FF9B << 96, 0):
        if number > 1:
            assert is_public(ip_address(prefix + number) if prefix else ip_address(f"::{inner}")) == is_public(inner)
