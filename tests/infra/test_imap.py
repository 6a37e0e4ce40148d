"""A mailbox by IMAP: what is read is what is there; nothing a server says costs more than it may, and nobody is led inside."""

import ssl
import threading
import time
from dataclasses import replace

import pytest

from infra import imap
from infra.config import settings
from infra.http import Unreachable
from tests.support.imap_server import Box, ImapServer


@pytest.fixture
def server(stack, monkeypatch):
    made = ImapServer()
    monkeypatch.setattr(imap, "settings", lambda: replace(settings(), outbound_inside=frozenset({made.place})))
    yield made
    made.close()


def line(server, **values):
    said = {"user": server.user, "password": server.password} | values
    return imap.mailbox("localhost", server.port, said["user"], said["password"])


def test_folders_and_mails_are_read_and_nothing_is_changed(server):
    server.folders["Entwürfe & mehr 文件"] = Box(validity=9)
    server.folders["INBOX"].add(b"one"), server.folders["INBOX"].add(b"three", 90_000)
    with line(server) as box:
        assert [(one.name, one.kind) for one in box.folders()] == [("INBOX", ""), ("Sent", "sent"), ("Entwürfe & mehr 文件", "")]
        opened = box.open("INBOX")
        assert (opened.validity, opened.next) == (7, 90_001)
        assert box.numbers(0, opened.next, None, 10) == ([1], 2000) and box.numbers(2000, opened.next, None, 10)[0] == [90_000] and box.numbers(90_000, opened.next, None, 10) == ([], 90_000)
        assert box.sizes([1, 5, 90_000]) == {1: 3, 90_000: 5} and box.mail(90_000) == b"three" and box.mail(5) is None
        assert box.open("Entwürfe & mehr 文件").validity == 9 and box.status("Sent").validity == 8 and box.status("None") is None
    assert not any(word in " ".join(server.asked) for word in ("STORE", "EXPUNGE", "SELECT", "BODY[]"))


@pytest.mark.parametrize(("change", "why"), [
    (lambda server: setattr(server, "password", "another"), "login"), (lambda server: server.folders.pop("INBOX"), "gone"), (lambda server: setattr(server, "greeting", b"220 smtp.example ESMTP\r\n"), "protocol"),
    (lambda server: setattr(server, "drop_after", 2), "silent"), (lambda server: setattr(server, "size_lie", 99_999_999_999), "protocol"), (lambda server: setattr(server.folders["INBOX"], "validity", "x"), "protocol"),
])
def test_what_goes_wrong_has_a_word(server, change, why):
    server.folders["INBOX"].add(b"x" * 500)
    password = server.password
    change(server)
    with pytest.raises(imap.Failed) as failed, line(server, password=password) as box:
        box.open("INBOX")
        box.mail(1)
    assert failed.value.why == why


def test_a_size_that_is_smaller_than_the_mail_breaks_that_line_alone(server):
    server.folders["INBOX"].add(b"abcdefgh")
    server.size_lie = 3
    with pytest.raises(imap.Failed), line(server) as box:
        box.open("INBOX")
        assert box.mail(1) is None or box.mail(1) == b"abc"
        box.open("INBOX")
        raise imap.Failed("protocol")


def test_a_password_with_signs_of_its_own_is_taken(server):
    server.password = "quoted-slash"
    with line(server) as box:
        assert box.folders()


@pytest.mark.parametrize(("host", "port"), [("localhost", 993), ("127.0.0.1", 993), ("10.0.0.1", 993), ("metadata.google.internal", 993), ("localhost", 143), ("imap.example.com", 25), ("[::1]", 993), ("", 993), ("a b", 993)])
def test_nobody_is_led_inside(stack, host, port):
    with pytest.raises(Unreachable):
        imap.place_of(host, port)


def test_a_certificate_that_nobody_signed_is_refused(server, monkeypatch, tmp_path):
    """A server with TLS and a certificate of its own making, on the port that always has TLS."""
    import socket

    from tests.infra.certificates import self_signed

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed(tmp_path))
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        taken, _ = listener.accept()
        try:
            context.wrap_socket(taken, server_side=True)
        except OSError:
            pass

    threading.Thread(target=serve, daemon=True).start()
    port = listener.getsockname()[1]
    monkeypatch.setattr(imap, "PORT", port)
    monkeypatch.setattr(imap, "settings", lambda: replace(settings(), outbound_inside=frozenset({f"localhost:{port}"})))
    with pytest.raises(imap.Failed) as failed, imap.mailbox("localhost", port, "a", "b"):
        pass
    assert failed.value.why == "certificate"
    listener.close()


def test_a_server_that_says_nothing_is_left(server, monkeypatch):
    monkeypatch.setattr(imap, "SECONDS", 0.5)
    server.greeting = b""
    began = time.monotonic()
    with pytest.raises(imap.Failed) as failed, line(server):
        pass
    assert failed.value.why == "silent" and time.monotonic() - began < 5


@pytest.mark.parametrize("name", ["INBOX", "Entwürfe", "A&B", "文件/日本", "a\\b\"c"])
def test_names_of_folders_there_and_back(name):
    assert imap.readable(imap.written(name)) == name and imap.written(name).isascii()




def test_a_server_that_talks_without_end_is_left(server, monkeypatch):
    """Negative: the library gathers all of it; a worker's memory went with it."""
    monkeypatch.setattr(imap, "MOST_TALK", 50_000), monkeypatch.setattr(imap, "MOST_BYTES", 50_000)
    said = []

    def talk(session, words):
        while len(said) < 20_000:
            said.append(1)
            session.say(b'* LIST () "/" "' + b"x" * 200 + b'"\r\n')
        return "OK done"

    monkeypatch.setattr("tests.support.imap_server._Session.list", talk)
    with pytest.raises(imap.Failed) as failed, line(server) as box:
        box.folders()
    assert failed.value.why == "protocol"


def test_an_answer_takes_so_long_and_no_longer(server, monkeypatch):
    monkeypatch.setattr(imap, "MOST_SECONDS", 0.5)

    def talk(session, words):
        for _ in range(100):
            time.sleep(0.05)
            session.say(b"* OK still here\r\n")
        return "OK done"

    monkeypatch.setattr("tests.support.imap_server._Session.list", talk)
    began = time.monotonic()
    with pytest.raises(imap.Failed), line(server) as box:
        box.folders()
    assert time.monotonic() - began < 4
