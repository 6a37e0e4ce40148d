"""Who a mail comes from: each tenant an address of its own, the landlord his, and no slug can say more than that."""

from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from core.mailings import composing
from core.post import actions, sender
from infra import mail
from infra.config import settings
from workers.jobs.post import message_of


@pytest.fixture(autouse=True)
def domain(monkeypatch):
    monkeypatch.setenv("MAIL_FROM", "Tendero <post@mail.example>")
    settings.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    settings.cache_clear()


def named(ctx, slug):
    return replace(ctx, tenant=replace(ctx.tenant, slug=slug))


def head(message):
    found = message_from_bytes(mail.build(message).as_bytes(), policy=policy.default)
    return found["From"].addresses[0]


def letter(ctx, template="reminder", **rest):
    params = {"name": "Bo", "what": "call", "who": "Acme", "due": ctx.today, "link": "https://acme.example", "product": "Tendero", "company": "Acme", "url": "https://acme.example"}
    return actions.hand_in(ctx, template=template, to="bo@people.example", params=params, **rest)


def test_a_tenants_letter_comes_from_its_own_address_and_keeps_its_reply_to(ctx):
    ctx = named(ctx, "acme")
    message = message_of(letter(ctx, reply_to="eva@acme.example"), ctx)
    assert (head(message).addr_spec, head(message).display_name, message.reply_to) == ("acme@mail.example", ctx.tenant.name, "eva@acme.example")
    assert message.return_path == "post@mail.example"


def test_the_landlords_letters_keep_his_address_and_name(ctx):
    ctx = named(ctx, "acme")
    found = letter(ctx, "welcome")
    assert (head(message_of(found, ctx)).addr_spec, found.from_name) == ("post@mail.example", "Tendero")
    from billing.letters import LETTERS

    assert all(one.platform for one in LETTERS.values())


def test_an_installation_with_one_sender_switches_it_off(ctx, domain):
    domain.setenv("MAIL_FROM_EACH", "no")
    settings.cache_clear()
    assert head(message_of(letter(named(ctx, "acme")), named(ctx, "acme"))).addr_spec == "post@mail.example"


@pytest.mark.parametrize("slug", ["post", "postmaster", "abuse", "info", "noreply"])
def test_no_tenant_writes_as_the_landlord_or_for_the_domain(ctx, slug):
    assert sender.address_of(named(ctx, slug).tenant) == f"{slug}.workspace@mail.example"


@pytest.mark.parametrize("slug", ["", "a\r\nBcc: x@y.example", "a@evil.example,b", "a b", "a,b", "<a>", "ä", "A", "a.b", "-a", "a" * 64, 'a"b', "a\u2028b", "a\n"])
def test_what_is_no_slug_never_reaches_a_header(ctx, slug):
    tenant = named(ctx, slug).tenant
    assert sender.address_of(tenant) == "post@mail.example"


def test_a_mailing_comes_from_the_tenant_too(ctx):
    from core.mailings.models import Mailing
    from core.mailings.sending import Claimed

    ctx = named(ctx, "acme")
    mailing = Mailing(id=ctx.tenant.id, name="N", subject="News", body="Hello", from_name="Acme GmbH", reply_to=None)
    held = Claimed(ctx.tenant.id, mailing.id, ctx.tenant.id, "bo@people.example", "bo@people.example", "Bo", "en", {})
    message = composing.compose(ctx, mailing, held)
    assert (head(message).addr_spec, message.return_path) == ("acme@mail.example", "post@mail.example")
    assert "mailto:post@mail.example" in message.headers["List-Unsubscribe"], "a box that somebody reads"


def test_the_setting_is_typed(domain):
    from infra.config import ConfigError

    domain.setenv("MAIL_FROM_EACH", "perhaps")
    settings.cache_clear()
    with pytest.raises(ConfigError, match="MAIL_FROM_EACH"):
        settings()
