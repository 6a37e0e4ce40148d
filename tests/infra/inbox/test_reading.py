"""One mail: its text, what is quoted, files, odd charsets, bounds; mails that are written to hurt."""

import time

import pytest

from infra.inbox import MOST_BYTES, limited
from infra.inbox.html_text import text_of
from infra.inbox.limited import read_many
from infra.inbox.quoting import split
from infra.inbox.reading import Unreadable, read
from infra.incoming import Incoming, Mailed
from tests.infra.inbox.mails import mail


def test_a_plain_mail():
    got = read(mail("Cc: Bo <bo@B.Example>", "In-Reply-To: <a@x>", "References: <0@x> <a@x>", body="Good day,\nfour pumps please."))
    assert (got.sender, got.cc, got.subject, got.text) == (Mailed("anna@example.com", "Anna Meier"), (Mailed("bo@b.example", "Bo"),), "Pumps", "Good day,\nfour pumps please.")
    assert (got.message_id, got.in_reply_to, got.references) == ("m1@example.com", "a@x", ("0@x", "a@x"))
    assert got.sent_at.isoformat() == "2026-11-02T09:00:00+00:00" and got.defects == () and not got.automatic


@pytest.mark.parametrize(("charset", "text"), [("gb2312", "您好，四台水泵"), ("ks_c_5601-1987", "안녕하세요 펌프"), ("iso-2022-jp", "ポンプをください"), ("koi8-r", "Добрый день"), ("shift_jis", "見積書①"), ("big5", "您好")])
def test_charsets_of_the_east(charset, text):
    from infra.inbox.charsets import WIDER

    body = text.encode(WIDER.get(charset, charset) if charset != "iso-2022-jp" else charset)
    raw = mail(f"Content-Type: text/plain; charset={charset}", "Content-Transfer-Encoding: 8bit", body="@@").replace(b"@@", body)
    assert read(raw).text == text


@pytest.mark.parametrize("charset", ["x-unheard-of", "idna", "punycode", "zip", "unicode_escape", "\x00", "utf-8\"; x=\""])
def test_a_charset_that_is_none_costs_no_text(charset):
    raw = mail(f"Content-Type: text/plain; charset={charset}", body="Grüße aus Köln")
    assert "e aus K" in read(raw).text


@pytest.mark.parametrize(("text", "written", "quoted"), [
    ("Yes.\n\nOn Mon, 2 Nov 2026 Anna wrote:\n> Pumps?\n> Anna", "Yes.", "On Mon, 2 Nov 2026 Anna wrote:\n> Pumps?\n> Anna"),
    ("Ja.\n\nAm 2. November schrieb Anna\n<anna@example.com>:\n\n> Pumpen?", "Ja.", "Am 2. November schrieb Anna\n<anna@example.com>:\n\n> Pumpen?"),
    ("Ja.\n-----Original Message-----\nFrom: Anna\nPumps?", "Ja.", "-----Original Message-----\nFrom: Anna\nPumps?"),
    ("Yes.\n________________________________\nFrom: Anna <a@x>\nPumps?", "Yes.", "________________________________\nFrom: Anna <a@x>\nPumps?"),
    ("好的。\n\nAnna <anna@example.com> 于2026年写道：\n> 水泵？", "好的。", "Anna <anna@example.com> 于2026年写道：\n> 水泵？"),
    ("> Pumps?\nYes.\n> How many?\nFour.", "> Pumps?\nYes.\n> How many?\nFour.", ""),
    ("> all of it is quoted", "> all of it is quoted", ""),
    ("See this.\n\n---------- Forwarded message ---------\nFrom: Bo", "See this.\n\n---------- Forwarded message ---------\nFrom: Bo", ""),
])
def test_the_older_text_is_split_off_where_a_line_can_be_drawn(text, written, quoted):
    assert split(text) == (written, quoted)


def test_html_becomes_what_a_person_reads():
    html = "<html><head><title>x</title><style>p{}</style></head><body><p>Good&nbsp;day,<br>four <b>pumps</b>.</p><ul><li>A</li><li>B</li></ul><a href='https://x.example/a'>here</a><script>alert(1)</script><blockquote>older</blockquote>"
    assert text_of(html) == "Good day,\nfour pumps.\n\n- A\n- B\n\nhere <https://x.example/a>\n\n> older"
    assert text_of("<a href='javascript:alert(1)'>here</a> &lt;b&gt;") == "here <b>"


def test_html_alone_gives_the_text_and_is_no_file():
    got = read(mail("Content-Type: text/html; charset=utf-8", body="<p>Four pumps</p><p>please"))
    assert got.text == "Four pumps\n\nplease" and got.enclosed == ()


def test_names_of_files_are_no_paths():
    raw = mail("Content-Type: multipart/mixed; boundary=b", body="--b\n\nText\n--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=\"..\\\\..\\\\etc/x\u202efdp.pdf\"\n\nabc\n--b\nContent-Type: application/ms-tnef\n\ntnef\n--b--\n")
    got = read(raw)
    assert [(one.name, one.content_type, one.data) for one in got.enclosed] == [("xfdp.pdf", "application/pdf", b"abc"), ("part-2.dat", "application/ms-tnef", b"tnef")] and got.text == "Text"


@pytest.mark.parametrize("head", ["Auto-Submitted: auto-replied", "Precedence: bulk", "List-Id: <a.b>", "X-Autoreply: yes", "Return-Path: <>"])
def test_what_a_program_wrote_is_automatic(head):
    assert read(mail(head)).automatic and not read(mail("Auto-Submitted: no")).automatic


def nested(depth):
    """A mail in a mail in a mail."""
    inner = "Content-Type: text/plain\n\nend"
    for number in range(depth):
        inner = f"Content-Type: multipart/mixed; boundary=b{number}\n\n--b{number}\n{inner}\n--b{number}--"
    return ("From: a@x.example\n" + inner).encode()


HURTING = [
    nested(3000), b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 50_000, b"Subject: " + b"=?utf-8?q?" * 100_000 + b"\n\nx",
    b"From: " + b"(" * 100_000 + b"\n\nx", b"To: " + b"a@b.c," * 100_000 + b"\n\nx", b"Received: " + b"x" * 1_000_000 + b"\n\nx",
    b"Content-Type: text/html\n\n" + b"<div>" * 300_000, b"Content-Type: text/html\n\n" + b"<a href=x" * 100_000, b"Content-Type: text/plain; " + b"; ".join(b"a*%d=x" % n for n in range(20_000)) + b"\n\nx", b"", b"\n", b"\x00" * 100_000,
]


@pytest.mark.parametrize("number", range(len(HURTING)))
def test_what_is_written_to_hurt_is_read_or_named_within_the_bounds(number):
    began = time.monotonic()
    (got,) = read_many([HURTING[number]])
    assert isinstance(got, Incoming | Unreadable) and time.monotonic() - began < 30
    assert isinstance(got, Incoming) or got.why in ("bomb", "damaged")


def test_the_one_that_ends_the_child_is_named_and_the_others_are_read(monkeypatch):
    """A reader that dies on one: here by a kill in its middle."""
    monkeypatch.setattr(limited, "START", "import sys; sys.path.insert(0, sys.argv.pop(1))\nimport infra.inbox.reading as r, os\ntrue = r.read\nr.read = lambda raw, **k: os.kill(os.getpid(), 9) if b'DEADLY' in raw else true(raw, **k)\nfrom infra.inbox.child import main; main()")
    got = read_many([mail(body="one"), mail(body="DEADLY"), mail(body="three")])
    assert [one.text if isinstance(one, Incoming) else one.why for one in got] == ["one", "bomb", "three"]


def test_a_mail_beyond_the_bound_is_named_and_one_at_it_is_read():
    size = MOST_BYTES - 2000
    large = mail("Content-Type: multipart/mixed; boundary=b", body="--b\n\nText\n--b\nContent-Type: application/zip\nContent-Transfer-Encoding: base64\n\n~\n--b--\n").replace(b"~", (b"QUJD" * 19 + b"\r\n") * (size // 78))
    got, refused = read_many([large, large + b"x" * 3000])
    assert got.text == "Text" and len(got.enclosed[0].data) > 18_000_000 and refused.why == "too_large"
