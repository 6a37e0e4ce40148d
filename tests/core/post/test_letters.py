"""A letter is handed in, put into words, made into a message; whatever would break a header is refused (X25)."""

from dataclasses import replace
from datetime import date
from email import message_from_bytes, policy

import pytest
from sqlalchemy import text

from core.base.errors import Forbidden, Refused
from core.base.ids import new_id
from core.base.money import Money
from core.base.outbox import Order
from core.post import actions, queries, rules
from core.post.letters import letters
from core.post.rules import Letter
from infra import i18n, mail
from workers.jobs.post import message_of

PARAMS = {"what": "Call back", "who": "ACME", "due": date(2026, 5, 4), "name": "Anna", "link": "https://demo.example/a/1"}
BREAKERS = ("\r\nBcc: evil@example.com", "\nBcc: evil@example.com", "\rBcc: x", "a\0b", "\x85x", "\u2028x", "x\x1b[31m")


def hand_in(ctx, **values):
    return actions.hand_in(ctx, **{"template": "reminder", "to": "anna@example.com", "params": PARAMS, **values})


def bytes_of(letter, ctx):
    return mail.build(message_of(letter, ctx)).as_bytes()


def test_a_letter_and_the_order_to_deliver_it_are_left_together(ctx):
    letter = hand_in(ctx)
    order = ctx.session.query(Order).filter(Order.name == "post.deliver").order_by(Order.created_at.desc(), Order.id.desc()).first()
    assert order.args == {"mail_id": str(letter.id)}
    assert letter.state == "queued" and letter.from_name == ctx.tenant.name


def test_a_letter_says_it_in_the_recipients_language_and_calendar(ctx):
    letter = hand_in(ctx, lang="ru")
    assert letter.lang == "ru" and "4 мая 2026" in letter.body_text
    assert '<html lang="ru">' in letter.body_html


def test_the_same_key_gives_one_letter(ctx):
    assert hand_in(ctx, dedupe="remind:1") is not None
    assert hand_in(ctx, dedupe="remind:1") is None


def test_a_letter_has_one_message_id_for_ever_and_no_other_has_it(ctx):
    first, second = hand_in(ctx), hand_in(ctx)
    key = b"k" * 32
    assert first.message_id != second.message_id
    assert rules.message_id(key, ctx.tenant.id, first.id, "x") == rules.message_id(key, ctx.tenant.id, first.id, "x")
    assert rules.message_id(key, first.id, ctx.tenant.id, "x") != rules.message_id(key, ctx.tenant.id, first.id, "x")


def test_lists_stand_below_its_words_each_thing_a_link_and_nothing_in_them_is_markup(ctx):
    lists = [rules.Section("To <do>", (rules.Line("Call <b>Anna</b>\nBcc: x", "https://demo.example/a/2?b=1&c=2", "at 9\r\n& later"), rules.Line("Next", "https://demo.example/a/3")), "and 3 more")]
    letter = hand_in(ctx, sections=lists)
    plain, html = letter.body_text, letter.body_html
    assert "To <do>\n\u2022 Call <b>Anna</b> Bcc: x \u00b7 at 9 & later\n  https://demo.example/a/2?b=1&c=2\n\u2022 Next\n  https://demo.example/a/3\nand 3 more" in plain
    assert '<li><a href="https://demo.example/a/2?b=1&amp;c=2">Call &lt;b&gt;Anna&lt;/b&gt; Bcc: x</a> \u00b7 at 9 &amp; later</li>' in html and "<b>" not in html and "To &lt;do&gt;</h2>" in html
    assert plain.index("Call back") < plain.index("To <do>") < plain.index("and 3 more") < plain.index("Open it") and "sections" not in letter.params
    with pytest.raises(Refused) as refused:
        hand_in(ctx, sections=[rules.Section("x", (rules.Line("x", "javascript:alert(1)"),))])
    assert refused.value.code == "mail_link"


@pytest.mark.parametrize("breaker", BREAKERS)
@pytest.mark.parametrize("where", ["to", "reply_to", "header_value", "header_name"])
def test_a_line_break_never_gets_into_a_header(ctx, where, breaker):
    values = {
        "to": {"to": "anna@example.com" + breaker}, "reply_to": {"reply_to": "a@example.com" + breaker},
        "header_value": {"headers": {"X-Kind": "a" + breaker}}, "header_name": {"headers": {"X-Kind" + breaker: "a"}},
    }[where]
    with pytest.raises(Refused) as refused:
        hand_in(ctx, **values)
    assert refused.value.code in ("header_injection", "not_a_mail")


@pytest.mark.parametrize("breaker", BREAKERS)
def test_a_header_made_of_typed_text_stays_one_line(ctx, breaker):
    """Names and words are people's own: they lose their breaks, and the letter still goes."""
    odd = replace(ctx, tenant=replace(ctx.tenant, name="Evil" + breaker))
    letter = hand_in(odd, to_name="Anna" + breaker, params={**PARAMS, "what": "Call" + breaker})
    parsed = message_from_bytes(bytes_of(letter, ctx), policy=policy.default)
    assert parsed["Bcc"] is None and len(parsed.get_all("Subject")) == 1
    assert not any(rules.BROKEN.search(parsed[name]) for name in ("Subject", "From", "To"))


@pytest.mark.parametrize("name", ["Bcc", "bcc", "From", "Subject", "Message-ID", "Return-Path", "Content Type", "X:Y", ""])
def test_a_room_can_not_set_the_headers_that_are_ours(ctx, name):
    with pytest.raises(Refused):
        hand_in(ctx, headers={name: "x"})


def test_without_our_check_the_message_itself_still_refuses(ctx):
    """The second fence: what slipped by is a permanent failure, never a message with two headers."""
    for values in ({"subject": "x\r\nBcc: e@x.example"}, {"to_name": "x\nBcc: e"}, {"headers": {"X-A": "b\r\nBcc: e"}}, {"to_mail": "a@b.example>\r\nRCPT TO:<e@x.example"}):
        base = {"to_mail": "a@example.com", "from_mail": "b@example.com", "subject": "s", "text": "t", "message_id": "<1@x>", "date": ctx.now}
        assert isinstance(mail.send("smtp://127.0.0.1:1", mail.Message(**{**base, **values})), mail.Permanent)


def test_values_are_escaped_in_html_and_never_looked_into_for_places(ctx):
    letter = hand_in(ctx, params={**PARAMS, "what": "<script>alert(1)</script> %(link)s"})
    assert "<script>" not in letter.body_html and "&lt;script&gt;" in letter.body_html
    assert "%(link)s" in letter.body_text


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://x y", "https://x\nBcc: y", " https://x"])
def test_a_link_is_http_or_refused(ctx, link):
    with pytest.raises(Refused):
        hand_in(ctx, params={**PARAMS, "link": link})


@pytest.mark.parametrize("to", ["", "anna", "a@b@c", "a b@example.com", "anna@example.com, bob@example.com", "<anna@example.com>", "a@exa mple.com", "x" * 300 + "@example.com"])
def test_what_is_not_one_address_is_refused(ctx, to):
    with pytest.raises(Refused):
        hand_in(ctx, to=to)


def test_letters_of_any_script_arrive_as_they_were_written(ctx):
    letter = hand_in(ctx, to_name="Анна 김 李", params={**PARAMS, "what": "전화 電話 Ñandú 🎉"})
    parsed = message_from_bytes(bytes_of(letter, ctx), policy=policy.default)
    assert parsed["To"].addresses[0].display_name == "Анна 김 李"
    assert "전화 電話 Ñandú 🎉" in parsed["Subject"] and "전화" in parsed.get_body(("plain",)).get_content()
    assert bytes_of(letter, ctx).isascii()


def test_money_is_shown_as_the_reader_writes_it():
    letter = Letter("%(sum)s", ("%(sum)s",))
    assert rules.render(letter, {"sum": Money("1234.5", "EUR")}, lang="es", timezone="UTC", sender="x").subject == "1.234,50\N{NO-BREAK SPACE}€"


def test_a_letter_that_carried_a_key_keeps_nothing_of_it(ctx, monkeypatch):
    monkeypatch.setitem(letters(), "key", Letter("Sign in", ("Open %(link)s",), "Sign in", private=True))
    letter = hand_in(ctx, template="key", params={"link": "https://x.example/secret"})
    token = letter.id
    actions.claim(ctx, letter.id, token)
    actions.mark_sending(ctx, letter.id, token)
    assert actions.mark(ctx, letter.id, token, mail.Sent("250 ok")) == "sent"
    assert "secret" not in f"{letter.body_text}{letter.body_html}{letter.params}"


def test_every_letter_can_be_written_in_every_language(ctx):
    class Anything(dict):
        def __missing__(self, key):
            return f"<{key}>"

    for letter in letters().values():
        for lang in i18n.LANGUAGES:
            for part in (letter.subject, *letter.body, *filter(None, [letter.button])):
                assert i18n.catalogue(lang).gettext(part) % Anything()


def test_transactional_mail_heeds_only_the_widest_suppression(ctx):
    for scope, marketing, transactional in (("marketing", True, False), ("all", True, True)):
        address = f"{scope}@example.com"
        assert actions.suppress(ctx, address, scope, "asked") is True
        assert actions.suppress(ctx, address, scope, "asked") is False
        assert queries.is_suppressed(ctx, address.upper(), "marketing") is marketing
        assert queries.is_suppressed(ctx, address, "transactional") is transactional


def test_a_list_is_left_without_leaving_the_others(ctx):
    left, other = new_id(), new_id()
    actions.suppress(ctx, "a@example.com", "list", "asked", list_id=left)
    assert queries.is_suppressed(ctx, "a@example.com", "marketing", left)
    assert not queries.is_suppressed(ctx, "a@example.com", "marketing", other)
    assert not queries.is_suppressed(ctx, "a@example.com", "marketing")


def test_a_suppression_keeps_no_address(ctx):
    actions.suppress(ctx, "anna.secret@example.com", "all", "asked")
    rows = ctx.session.execute(text("SELECT s::text FROM suppression s")).scalars().all()
    assert rows and not any("anna" in row for row in rows)


def test_a_suppressed_address_is_seen_when_sending_not_when_handing_in(ctx):
    letter = hand_in(ctx)
    actions.suppress(ctx, "anna@example.com", "all", "asked")
    assert actions.claim(ctx, letter.id, letter.id) is None
    assert letter.state == "suppressed"


def test_only_a_letter_in_doubt_is_sent_again_and_only_by_who_may(ctx, as_):
    letter = hand_in(ctx)
    with pytest.raises(Refused, match="mail_not_in_doubt"):
        actions.send_again(ctx, letter)
    letter.state = "unknown"
    with pytest.raises(Forbidden):
        actions.send_again(as_("rep"), letter)
    actions.send_again(ctx, letter)
    assert letter.state == "queued"
