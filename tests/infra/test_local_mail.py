"""The mail catcher as a real process: what comes in by SMTP is kept, shown and never runs."""

import http.client
import json
import smtplib
from email.message import EmailMessage

import pytest

from infra.local import process
from infra.local.stack import Stack

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def catcher():
    stack = Stack()
    stack.start(pg=False, valkey=False, mail=True)
    yield stack
    stack.stop()


@pytest.fixture(autouse=True)
def empty(catcher):
    ask(catcher, "/api/messages", "DELETE")


def ask(catcher, path, method="GET", host="localhost"):
    line = http.client.HTTPConnection("127.0.0.1", catcher.page_port, timeout=5)
    try:
        line.request(method, path, headers={"Host": f"{host}:{catcher.page_port}"})
        answer = line.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    finally:
        line.close()


def send(catcher, *to, subject="Grüße, 你好", text="See https://acme.localhost/x?a=1&b=2", html=""):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "post@example.com", "shown@example.com", subject
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    with smtplib.SMTP("127.0.0.1", catcher.smtp_port, timeout=5) as line:
        line.send_message(mail, "bounce@example.com", to)


def messages(catcher, to=""):
    return json.loads(ask(catcher, f"/api/messages?to={to}")[2])


def test_messages_are_found_by_their_envelope_and_can_be_removed(catcher):
    send(catcher, "ann@example.com", "bob@example.com")
    send(catcher, "eve@example.com")
    found, = messages(catcher, "Bob@example.com")
    assert found["subject"] == "Grüße, 你好" and found["sender"] == "bounce@example.com"
    assert found["recipients"] == ["ann@example.com", "bob@example.com"] and "https://acme" in found["text"]
    assert len(messages(catcher)) == 2
    assert json.loads(ask(catcher, "/api/messages", "DELETE")[2]) == {"removed": 2}
    assert messages(catcher) == []


def test_the_pages_escape_everything_and_put_html_into_a_sandbox(catcher):
    send(catcher, "ann@example.com", subject=HOSTILE, text=HOSTILE, html=f"<p>Hello{HOSTILE}")
    name = messages(catcher)[0]["id"]
    for path in ("/", f"/messages/{name}"):
        status, headers, body = ask(catcher, path)
        assert status == 200 and "<script" not in body and "&lt;script&gt;" in body
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    _, headers, body = ask(catcher, f"/messages/{name}/html")
    assert "sandbox" in headers["Content-Security-Policy"] and "allow-scripts" not in headers["Content-Security-Policy"]
    assert '<a href="https' not in ask(catcher, "/")[2] and "text/plain" in ask(catcher, f"/messages/{name}/raw")[1]["Content-Type"]


def test_links_of_a_text_can_be_followed(catcher):
    send(catcher, "ann@example.com")
    body = ask(catcher, f"/messages/{messages(catcher)[0]['id']}")[2]
    assert '<a href="https://acme.localhost/x?a=1&amp;b=2"' in body


@pytest.mark.parametrize("path", ["/messages/../../secret", "/messages/00000000000000000000-00000000", "/etc/passwd", "/messages/%2e%2e"])
def test_other_paths_are_not_found(catcher, path):
    assert ask(catcher, path)[0] == 404


def test_a_foreign_name_for_this_machine_is_refused(catcher):
    """Else a page on the internet could read sign-in links by pointing its own name at 127.0.0.1."""
    send(catcher, "ann@example.com")
    assert ask(catcher, "/api/messages", host="evil.example")[0] == 403
    assert ask(catcher, "/api/messages", "DELETE", host="evil.example")[0] == 404
    assert len(messages(catcher)) == 1


def test_broken_messages_are_kept_and_shown(catcher):
    with smtplib.SMTP("127.0.0.1", catcher.smtp_port, timeout=5) as line:
        line.sendmail("a@example.com", ["b@example.com"], b"Subject: =?utf-8?q?=ff?=\r\nContent-Type: text/plain; charset=nope\r\nDate: x\r\n\r\n\xff\xfe")
    found, = messages(catcher)
    assert ask(catcher, f"/messages/{found['id']}")[0] == 200


def test_accepted_mail_survives_kill_9():
    stack = Stack()
    stack.start(pg=False, valkey=False, mail=True)
    try:
        send(stack, "ann@example.com")
        process.kill_group(stack.mail)
        stack.start(pg=False, valkey=False, mail=True)
        assert len(messages(stack, "ann@example.com")) == 1
    finally:
        stack.stop()
