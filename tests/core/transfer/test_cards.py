"""Business cards carry messengers and roles at accounts: what goes out comes in again, other programs' cards too, and nothing hidden."""

import re
from dataclasses import replace
from io import StringIO
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.base.context import as_actor
from core.parties import actions, affiliations, reach
from core.parties.models import Account, Contact
from core.parties.reach_models import Affiliation, ContactPoint
from core.transfer.exporting import Filters, Shape, take_out
from tests.support.world import House

CHATS = [
    ("kakaotalk", "home", "Ана 100%"), ("other", "other", "xmpp:a b@x.example"), ("skype", "Support; day", "live:ada.1"), ("telegram", "work", "@ada"), ("whatsapp", "other", "+34 600 111 222"),
]
COMPANIES = ("Main; Ltd", "Adviser | Co", "Board, Inc\\", "Gone GmbH")


@pytest.fixture
def other(app):
    """A second workspace with the same companies."""
    return with_companies(House(f"c{uuid4().hex[:8]}"))


def with_companies(house):
    with house.ctx() as ctx:
        for name in COMPANIES:
            actions.create_account(ctx, name=name)
    return house


@pytest.fixture(scope="module")
def ada(house):
    with_companies(house)
    with house.ctx() as ctx:
        at = {account.name: account.id for account in ctx.session.execute(select(Account)).scalars()}
        ada = actions.create_contact(ctx, name="Ada Way", mail="ada@cards.example", job_title="Boss", account_id=at["Main; Ltd"])
        ctx.session.flush()
        for service, label, value in CHATS:
            reach.add_point(ctx, ada, "messenger", value, service=service, label=label)
        affiliations.affiliate(ctx, ada, at["Adviser | Co"], title="Adviser; legal", department="Staff, all", since="2020-01-02")
        affiliations.affiliate(ctx, ada, at["Board, Inc\\"], title="Chair", until="2030-12-31")
        affiliations.affiliate(ctx, ada, at["Gone GmbH"], title="Clerk", since="2001-01-01", until="2002-02-02", is_former=True)
        return ada.id


def card(house, who="owner", change=lambda ctx: ctx):
    with house.ctx(who) as ctx:
        file = StringIO(newline="")
        take_out(change(ctx), "contacts", Filters(search="Ada Way"), file, shape=Shape("vcard"))
    return file.getvalue()


def unfolded(text):
    return text.replace("\r\n ", "").split("\r\n")


def held(house, name="Ada Way"):
    """What the person has: company, messengers, roles."""
    with house.ctx() as ctx:
        key = ctx.session.execute(select(Contact.id).where(Contact.name == name)).scalar_one()
        main = ctx.session.execute(select(Account.name, Contact.job_title).join(Contact, Contact.account_id == Account.id).where(Contact.id == key)).one()
        points = select(ContactPoint.service, ContactPoint.label, ContactPoint.value).where(ContactPoint.contact_id == key, ContactPoint.kind == "messenger")
        columns = (Affiliation.title, Affiliation.department, Affiliation.since, Affiliation.until, Affiliation.is_former)
        roles = select(Account.name, *columns).join(Affiliation, Affiliation.account_id == Account.id).where(Affiliation.contact_id == key)
        return tuple(main), sorted(map(tuple, ctx.session.execute(points))), sorted(map(tuple, ctx.session.execute(roles)), key=str)


def test_what_goes_out_comes_in_again(bring, house, other, ada):
    one = bring(at=other).upload(card(house), kind="contacts", name="ada.vcf").check()
    assert one.said() == [] and {"messengers", "other_roles", "account", "job_title"} <= set(one.row.mapping)
    one.run()
    assert held(other) == held(house)
    assert [len(part) for part in held(other)] == [2, 5, 3]


def test_a_card_is_as_the_format_says(house, ada):
    lines = unfolded(card(house))
    assert 'IMPP;SERVICE-TYPE="Telegram";TYPE=work:telegram:@ada' in lines and 'IMPP;SERVICE-TYPE="WhatsApp":whatsapp:+34%20600%20111%20222' in lines
    assert "ORG:Main\\; Ltd" in lines and "TITLE:Boss" in lines
    groups = {line.partition(".")[0] for line in lines if re.match(r"role\d+\.ORG", line)}
    assert len(groups) == 2 and "X-FORMER-ROLE:Gone GmbH;Clerk;;2001-01-01;2002-02-02" in lines
    assert not [line for line in lines if "Gone GmbH" in line and "ORG" in line]  # no program takes it for where she works
    labelled = next(line for line in lines if "Skype" in line).partition(".")[0]
    assert f"{labelled}.X-ABLabel:Support\\; day" in lines


def test_the_mapping_is_that_of_a_foreign_card(bring, house):
    text = "\r\n".join([
        "BEGIN:VCARD", "VERSION:3.0", "FN:Fay Foreign", "N:Foreign;Fay;;;", "EMAIL:fay@foreign.example", "IMPP;X-SERVICE-TYPE=Skype;type=HOME:skype:fay.f", "IMPP;X-SERVICE-TYPE=WhatsApp:x-apple:%2B34600",
        "IMPP:xmpp:fay@jabber.example", "X-TELEGRAM:@fay", "item1.IMPP;X-SERVICE-TYPE=Viber:viber:+7900", "item1.X-ABLabel:_$!<Work>!$_", "item2.ORG:One;Two", "item2.X-ABLabel:x", "END:VCARD", "",
    ])
    one = bring().upload(text, kind="contacts", name="f.vcf").check().run()
    assert one.said() == []
    main, chats, roles = held(house, "Fay Foreign")
    assert chats == [("skype", "home", "fay.f"), ("telegram", "other", "@fay"), ("viber", "work", "+7900"), ("whatsapp", "other", "+34600")] and (main[0], roles) == ("One", [])
    with house.ctx() as ctx:  # what is no messenger of ours is kept beside
        assert "xmpp:fay@jabber.example" in ctx.session.execute(select(Contact.custom).where(Contact.name == "Fay Foreign")).scalar_one().values()


@pytest.mark.parametrize("hidden, away, there", [
    ({"contacts.mail", "contacts.phone", "contacts.mobile"}, ("IMPP", "@ada"), ("role1.ORG",)), ({"contacts.job_title"}, ("role1", "Gone GmbH", "TITLE"), ("IMPP", "ORG:Main")),
    ({"contacts.account_id"}, ("role1", "Gone GmbH", "ORG:Main"), ("IMPP", "TITLE:Boss")),
])
def test_what_is_hidden_is_on_no_card(house, ada, hidden, away, there):
    text = card(house, "manager", lambda ctx: as_actor(ctx, replace(ctx.actor, hidden=frozenset(hidden))))
    assert "FN:Ada Way" in text and not [word for word in away if word in text] and not [word for word in there if word not in text]


def test_an_account_that_is_not_seen_is_on_no_card(house, ada):
    with house.ctx() as ctx:
        ctx.session.execute(select(Account).where(Account.name == "Adviser | Co")).scalar_one().owner_id = house.users["colleague"].id
    narrow = card(house, "manager", lambda ctx: as_actor(ctx, replace(ctx.actor, scopes={"accounts": ("own", "own")})))
    assert "Adviser" not in narrow and "IMPP" in narrow
    with house.ctx() as ctx:
        ctx.session.execute(select(Account).where(Account.name == "Adviser | Co")).scalar_one().owner_id = house.users["owner"].id


def test_no_messenger_ends_a_card(house):
    from infra.cards_out import card as lines_of

    lines = lines_of({"id": "1", "name": "A", "messengers": [("skype", "x\r\nEND:VCARD", "a\nEND:VCARD"), ("nonsense", "other", "b")]})
    assert [line for line in lines if line.startswith("END")] == ["END:VCARD"] and len([line for line in lines if "IMPP" in line]) == 2
