"""Merge fields and formatting: what is replaced, what stays text, what a header may hold."""

import time

import pytest

from core.base.errors import Refused
from core.mailings import rules

VALUES = {"contact.name": "Anna", "contact.greeting": "", "account.name": "Nordlicht & Co"}


def test_fields_are_replaced_and_missing_ones_give_their_fallback():
    assert rules.MERGE.fill("{{ contact.greeting | Hello there }}, {{contact.name}} of {{ account.name }}", VALUES) == "Hello there, Anna of Nordlicht & Co"


def test_the_html_escapes_values_and_text_alike():
    assert rules.fill_html("<b>{{ account.name }}</b> & co", VALUES) == "<p>&lt;b&gt;Nordlicht &amp; Co&lt;/b&gt; &amp; co</p>"


def test_a_value_that_looks_like_a_field_or_a_mark_stays_as_it_is():
    values = {"contact.name": "{{ contact.mail }} **x** \ue0000\ue001 https://evil.example", "contact.mail": "secret@people.example"}
    assert rules.MERGE.fill("{{ contact.name }}", values) == values["contact.name"]
    assert rules.fill_html("Dear {{ contact.name }} {{ contact.mail }}", values) == (
        "<p>Dear {{ contact.mail }} **x** \ue0000\ue001 https://evil.example secret@people.example</p>"
    )


def test_formatting_is_paragraphs_lists_headings_emphasis_and_links():
    body = "## News\n\nFirst **bold** and *it*\nsecond\n\n- one\n- two\n\nSee [our page](https://a.example/?x=1&y=2) or https://b.example/x_*y*."
    assert rules.fill_html(body, {}) == (
        "<h2>News</h2>\n<p>First <strong>bold</strong> and <em>it</em><br>\nsecond</p>\n<ul><li>one</li><li>two</li></ul>\n"
        '<p>See <a href="https://a.example/?x=1&amp;y=2">our page</a> or <a href="https://b.example/x_*y*">https://b.example/x_*y*</a>.</p>'
    )
    assert rules.to_text(body).startswith("News\n\nFirst bold and it\nsecond") and "our page (https://a.example/?x=1&y=2)" in rules.to_text(body)


# After the corpora of Frappe's and Odoo's template holes (RELIABILITY X1), and what breaks out of mark-up.
HOSTILE = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}", "{{ config }}", "{{ self._TemplateReference__context }}", "{{ contact.__class__ }}",
    "{{ contact.name.__class__ }}", "{{ request.application.__globals__ }}", "{{ 7*7 }}", "{{7*'7'}}", "{{ frappe.db.sql('select 1') }}",
    "{{ contact['name'] }}", "{{ contact.name() }}", "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ contact.password_hash }}", "{{ user.delete() }}", "{{ lipsum.__globals__ }}", "{{ contact.name | {{ contact.mail }} }}", "{{ }}", "{{{{ contact.name }}}}",
]
INERT = [
    "{{ contact.name|attr('x') }}", "{{ contact.greeting | <b>you</b> }}",
    "{% for i in range(10**9) %}x{% endfor %}", "{# comment #}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{php}system('id'){/php}", "%(password)s", "{0.__class__}",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "[x](data:text/html,x)", '[x](https://a.example/" onmouse=alert)',
    "**<i>**", "](https://", "[[[[[[", "*" * 500, "{{" * 300, "\ue000" * 50 + "0\ue001", "https://a.example/<script>",
]


@pytest.mark.parametrize("payload", HOSTILE)
def test_what_looks_like_a_field_and_is_none_is_refused_by_name(payload):
    with pytest.raises(Refused) as refusal:
        rules.MERGE.check(f"Hello {payload}", field="body")
    assert (refusal.value.code, refusal.value.field) == ("merge_field_unknown", "body")


@pytest.mark.parametrize("payload", HOSTILE + INERT)
def test_hostile_text_stays_text(payload):
    """Even unchecked (an old row, a value): nothing evaluated, no tag and no address of its own gets through."""
    started = time.perf_counter()
    filled, html = rules.MERGE.fill(payload, VALUES), rules.fill_html(payload, VALUES)
    assert time.perf_counter() - started < 0.5
    assert "49" not in filled and "root" not in filled
    outside = html
    for tag in ("<p>", "</p>", "<br>", "<em>", "</em>", "<strong>", "</strong>", "</a>"):
        outside = outside.replace(tag, "")
    assert "<" not in outside.replace('<a href="https://', "")
    assert "javascript:" not in html.replace("(javascript:", "") and 'href="data' not in html


def test_long_hostile_text_takes_no_time():
    for text in ("*a" * 25_000, "[" * 50_000, "{{ a" * 12_000, "https://" + "a." * 24_000, "**" * 25_000, "[a](https://" * 4_000, "- " * 25_000):
        started = time.perf_counter()
        rules.fill_html(text, {})
        rules.to_text(text)
        assert time.perf_counter() - started < 2, text[:20]


def test_a_value_can_not_begin_a_header():
    assert "\n" not in rules.MERGE.fill_line("Hello {{ contact.name }}", {"contact.name": "x\r\nBcc: all@evil.example\u2028y"})


def test_waiting_grows_is_spread_and_ends():
    waits = [rules.next_try(n, 0.5) for n in range(1, 6)]
    assert waits == sorted(waits) and rules.next_try(1, 0.0) < waits[0] < rules.next_try(1, 1.0) and rules.next_try(6, 0.5) is None
