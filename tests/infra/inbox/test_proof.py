"""RELIABILITY X26: From is proven by the server that took the mail in, and by nothing that came with it."""

import pytest

from infra.inbox.reading import read
from tests.infra.inbox.mails import mail

TRUSTED = "mx.acme.example"


def proven(*results, sender="Anna <anna@example.com>", trusted=TRUSTED):
    return read(mail(*(f"Authentication-Results: {one}" for one in results), sender=sender), trusted=trusted).proven


@pytest.mark.parametrize("result", [
    "mx.acme.example; dkim=pass header.d=example.com", "mx.acme.example; dkim=fail; spf=pass (sender ok) smtp.mailfrom=bounce@example.com", "MX.acme.example 1; dmarc=pass (p=reject) header.from=example.com",
    "mx.acme.example;\r\n\tdkim=pass reason=\"good; really\"\r\n\theader.i=@example.com header.s=s1",
])
def test_passed_and_in_line_is_proven(result):
    assert proven(result)


@pytest.mark.parametrize("result", [
    "mx.acme.example; dkim=fail header.d=example.com", "mx.acme.example; dkim=pass header.d=evil.example", "mx.acme.example; spf=pass smtp.mailfrom=x@evil.example", "mx.acme.example; none",
    "evil.example; dkim=pass header.d=example.com", "mx.acme.example.evil.example; dkim=pass header.d=example.com", "mx.acme.example; dkim=pass header.d=com", "mx.acme.example; dkim=pass header.d=notexample.com",
    "mx.acme.example; dkim=pass header.d=sub.example.com", "mx.acme.example; dmarc=pass header.from=evil.example", "mx.acme.example; spf=pass smtp.helo=example.com",
    "mx.acme.example; spf=pass smtp.mailfrom=\"x; dkim=pass header.d=example.com\"", "mx.acme.example; spf=none (; dkim=pass header.d=example.com)", "mx.acme.example; x=dkim=pass header.d=example.com", "(mx.acme.example; dkim=pass header.d=example.com",
])
def test_anything_else_is_not(result):
    assert not proven(result)


def test_a_forged_head_below_the_servers_own_is_not_believed():
    good, bad = "mx.acme.example; dkim=pass header.d=example.com", "mx.acme.example; dkim=fail header.d=example.com"
    assert proven(good, bad) and not proven(bad, good) and not proven("other.example; dkim=none", good)


def test_without_a_trusted_server_nothing_is_proven():
    assert not proven("mx.acme.example; dkim=pass header.d=example.com", trusted="") and not proven("; dkim=pass header.d=example.com", trusted="")


@pytest.mark.parametrize("sender", ["anna@example.com, bo@evil.example", "anna@example.com <bo@evil.example>", "bo@evil.example (anna@example.com)", "anna@example.com)<bo@evil.example>", "<anna@example.com> <bo@evil.example>"])
def test_a_from_that_may_be_read_in_two_ways_is_not(sender):
    assert not proven("mx.acme.example; dkim=pass header.d=example.com", sender=sender)


def test_two_from_heads_are_not():
    assert not read(mail("From: anna@example.com", "Authentication-Results: mx.acme.example; dkim=pass header.d=example.com"), trusted=TRUSTED).proven
