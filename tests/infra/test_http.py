"""Nothing that a tenant writes leads a call inside (RELIABILITY X4, fault 50): a canary on loopback counts who comes."""

import socket
import threading
from dataclasses import replace

import pytest

from infra import http
from infra.config import ConfigError, load, settings


@pytest.fixture(scope="module")
def canary(stack):
    """(port, connections so far) of a listener on every loopback address there is."""
    came, listener = [], socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True)

    def listen():
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            came.append(1)
            line.close()

    threading.Thread(target=listen, daemon=True).start()
    yield listener.getsockname()[1], came
    listener.close()


HOSTS = [
    "127.0.0.1", "127.1", "127.0.1", "0", "0.0.0.0", "127.255.255.254", "2130706433", "0x7f000001", "0x7f.0.0.1", "0x7f.1", "0177.0.0.1", "017700000001", "127.0.0.01",
    "127.0.0.1.", "localhost", "LOCALHOST", "localhost.", "acme.localhost", "localhost.localdomain", "ip6-localhost", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[fe80::1]", "[fe80::1%25lo]", "[fc00::1]", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1",
    "169.254.169.254", "[fd00:ec2::254]", "224.0.0.1", "255.255.255.255", "①②⑦.⓪.⓪.①", "127。0。0。1", "１２７.0.0.1", "example.com@127.0.0.1", "127.0.0.1#@example.com", "127.0.0.1%00.example.com",
    "127.0.0.1\\@example.com", "user:pass@127.0.0.1", "", " 127.0.0.1", "127.0.0.1 ", "%31%32%37.0.0.1", "metadata.google.internal",
]
SHAPES = ["https://{host}:{port}/", "http://{host}:{port}/", "https://{host}/"]
ODD = ["//127.0.0.1:{port}/", "file:///etc/passwd", "gopher://127.0.0.1:{port}/", "ftp://127.0.0.1:{port}/", "https:127.0.0.1:{port}", "https:///127.0.0.1:{port}", "javascript:1", "data:,1", "https://127.0.0.1:{port}:443/", "https://[::1:{port}/", "https://\t127.0.0.1:{port}/", "\nhttps://127.0.0.1:{port}/", "https://example.com:25/", "https://8.8.8.8:22/"]


def test_no_spelling_leads_inside(canary):
    port, came = canary
    urls = [shape.format(host=host, port=port) for host in HOSTS for shape in SHAPES] + [odd.format(port=port) for odd in ODD]
    assert len(urls) >= 120
    passed = []
    for url in urls:
        try:
            http.get_json(url)
        except http.Unreachable:
            continue
        passed.append(url)
    assert passed == [] and came == []


def test_a_name_that_leads_inside_is_not_called(canary, monkeypatch):
    """A public name with a private address, alone or among public ones; the name is asked once, so a second answer changes nothing."""
    port, came = canary
    asked = []

    def answer(*addresses):
        def resolve(host, port, **_):
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]
        return resolve

    for addresses in (("127.0.0.1",), ("93.184.216.34", "127.0.0.1"), ("::ffff:127.0.0.1",)):
        monkeypatch.setattr(http.socket, "getaddrinfo", answer(*addresses))
        with pytest.raises(http.Unreachable, match="not a public one"):
            http.get_json("https://rebinding.example/")
    assert asked == ["rebinding.example"] * 3 and came == []
    monkeypatch.setattr(http.socket, "getaddrinfo", answer("93.184.216.34"))
    place = http.place_of("https://fine.example/x?y=1")
    assert place.addresses == ("93.184.216.34",) and http._pool(place).host == "93.184.216.34", "the connection goes to what was looked at"


def test_without_the_look_at_addresses_the_canary_is_called(canary, monkeypatch):
    """Negative control."""
    port, came = canary
    monkeypatch.setattr(http, "settings", lambda: replace(settings(), outbound_inside=frozenset({f"127.0.0.1:{port}"})))
    with pytest.raises(http.Unreachable):
        http.get_json(f"http://127.0.0.1:{port}/")
    assert came == [1]


@pytest.mark.parametrize("head, body, why", [
    ("302 Found\r\nLocation: http://127.0.0.1/", "", "answered 302"), ("500 Oh", "", "answered 500"), ("200 OK", "no json", "no JSON"), ("200 OK", "1" * 600_000, "too long"),
    ("200 OK", "[" * 100_000, "no JSON"),
])
def test_redirects_errors_and_endless_answers_are_none(monkeypatch, head, body, why):
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    def serve():
        line, _ = listener.accept()
        line.recv(65536)
        line.sendall(f"HTTP/1.1 {head}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        line.close()

    threading.Thread(target=serve, daemon=True).start()
    monkeypatch.setattr(http, "settings", lambda: replace(settings(), outbound_inside=frozenset({f"127.0.0.1:{port}"})))
    with pytest.raises(http.Unreachable, match=why) as found:
        http.get_json(f"http://127.0.0.1:{port}/")
    assert found.value.why == ("refused" if "answered" in why else "unreadable")
    listener.close()


def test_the_exceptions_of_an_installation_are_host_and_port():
    env = {"DATABASE_URL": "postgresql://x@127.0.0.1/x"}
    assert load(env).outbound_inside == frozenset()
    assert load(env | {"OUTBOUND_INSIDE": "sso.example.lan:8443, 10.0.0.5:443"}).outbound_inside == {"sso.example.lan:8443", "10.0.0.5:443"}
    for wrong in ("sso.example.lan", "https://sso:1", "a b:1"):
        with pytest.raises(ConfigError, match="OUTBOUND_INSIDE"):
            load(env | {"OUTBOUND_INSIDE": wrong})
