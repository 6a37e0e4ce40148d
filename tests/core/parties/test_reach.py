"""Further mails, phones, messengers and addresses; the marks of values; roles at several accounts; who finds and sees them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.base.errors import Conflict, Forbidden, NotFound, Refused
from core.base.facts import Fact
from core.identity import queries as people
from core.identity import roles
from core.mailings import audience
from core.mailings.drafting import draft_mailing
from core.mailings.models import MailingRecipient
from core.parties import actions, affiliations, marks, queries, reach
from core.parties.models import Account, Contact
from core.parties.reach_access import one, one_affiliation
from core.parties.reach_models import ContactPoint, PostalAddress, ReachMark
from core.parties.reach_queries import ways
from core.post import actions as post
from tests.support.world import House


@pytest.fixture
def firm(ctx):
    return actions.create_account(ctx, name="Nordlicht", mail="office@nordlicht.example", phone="0431 7771234", country="DE", street="Am Kai 3", postcode="24103", city="Kiel")


@pytest.fixture
def ada(ctx, firm):
    return actions.create_contact(ctx, name="Ada Wolf", account_id=firm.id, mail="ada@nordlicht.example", mobile="0171 7771236")


def refused(code, act, *given, **named):
    with pytest.raises(Refused) as refusal:
        act(*given, **named)
    assert refusal.value.code == code, refusal.value.code


def kinds_told(ctx, record):
    return [fact.kind for fact in ctx.session.execute(select(Fact).where(Fact.subject_id == record.id).order_by(Fact.id)).scalars()]


def test_a_person_has_several_mails_phones_and_messengers(ctx, ada):
    reach.add_point(ctx, ada, "mail", "Ada@Home.example", label="home")
    reach.add_point(ctx, ada, "phone", "0431 555 1234", label="work")
    reach.add_point(ctx, ada, "messenger", "@ada wolf", service="telegram")
    found = ways(ctx, ada)
    assert [(way.field, way.value) for way in found.of("mail")] == [("mail", "ada@nordlicht.example"), (None, "Ada@home.example")]
    assert [(way.shown, way.link) for way in found.of("phone")] == [("+49 171 7771236", "tel:+491717771236"), ("+49 431 5551234", "tel:+494315551234")]
    assert [(way.service, way.value, way.key) for way in found.of("messenger")] == [("telegram", "@ada wolf", "telegram:adawolf")]
    assert kinds_told(ctx, ada)[-3:] == ["reach.added"] * 3


def test_what_was_typed_stays_and_the_number_for_programs_stands_beside_it(ctx, firm):
    point = reach.add_point(ctx, firm, "phone", "(0431) 555-12 34")
    assert (point.value, point.key, point.e164) == ("(0431) 555-12 34", "315551234", "+494315551234")
    assert reach.add_point(ctx, firm, "phone", "12345").e164 is None


@pytest.mark.parametrize(("kind", "value"), [("mail", "ADA@nordlicht.example"), ("phone", "+49 171 777 1236"), ("mail", "two@nordlicht.example"), ("phone", "0049 431 5551234")])
def test_nothing_stands_twice_on_one_record(ctx, ada, kind, value):
    reach.add_point(ctx, ada, "mail", "Two@Nordlicht.example")
    reach.add_point(ctx, ada, "phone", "+49 431 5551234")
    refused("point_there", reach.add_point, ctx, ada, kind, value)


@pytest.mark.parametrize(("kind", "value", "code"), [("mail", "nobody", "not_a_mail"), ("phone", "x", "not_a_phone"), ("mail", "  ", "required"), ("fax", "1", "unknown_value")])
def test_what_is_none_is_refused(ctx, ada, kind, value, code):
    refused(code, reach.add_point, ctx, ada, kind, value)


def test_the_main_one_and_a_further_one_change_places(ctx, ada):
    point = reach.add_point(ctx, ada, "mail", "home@ada.example", label="home")
    reach.make_main(ctx, point)
    assert (ada.mail, ada.mail_norm) == ("home@ada.example", "home@ada.example")
    (further,) = [way for way in ways(ctx, ada).of("mail") if way.id]
    assert (further.value, further.label) == ("ada@nordlicht.example", "work")
    mobile = reach.add_point(ctx, ada, "phone", "0170 1112233", label="mobile")
    reach.make_main(ctx, mobile)
    assert ada.mobile == "0170 1112233" and ada.phone is None
    land = reach.add_point(ctx, ada, "phone", "0431 5559999", label="work")
    reach.make_main(ctx, land)
    assert ada.phone == "0431 5559999" and [way.value for way in ways(ctx, ada).of("phone") if way.id] == ["0171 7771236"]


def test_a_further_one_is_taken_away_and_comes_back(ctx, ada):
    point = reach.add_point(ctx, ada, "mail", "home@ada.example")
    reach.remove(ctx, point)
    assert [way.field for way in ways(ctx, ada).of("mail")] == ["mail"]
    with pytest.raises(NotFound):
        one(ctx, ContactPoint, point.id)
    reach.restore(ctx, one(ctx, ContactPoint, point.id, deleted=True))
    assert len(ways(ctx, ada).of("mail")) == 2
    reach.remove(ctx, point)
    reach.add_point(ctx, ada, "mail", "home@ada.example")
    refused("point_there", reach.restore, ctx, one(ctx, ContactPoint, point.id, deleted=True))


def test_they_are_edited_and_ordered(ctx, ada):
    points = [reach.add_point(ctx, ada, "mail", f"m{n}@ada.example") for n in range(3)]
    reach.move_point(ctx, points[2], up=True)
    assert [way.value for way in ways(ctx, ada).of("mail") if way.id] == ["m0@ada.example", "m2@ada.example", "m1@ada.example"]
    with pytest.raises(Conflict):
        reach.edit_point(ctx, points[0], version=99, value="x@ada.example")
    reach.edit_point(ctx, points[0], version=points[0].version, value="new@ada.example", label="Summer house")
    assert (points[0].key, points[0].label) == ("new@ada.example", "Summer house")
    refused("point_there", reach.edit_point, ctx, points[0], value="m1@ada.example")


def test_there_is_an_end(ctx, ada):
    for n in range(20):
        reach.add_point(ctx, ada, "mail", f"m{n}@ada.example")
    refused("too_many_points", reach.add_point, ctx, ada, "mail", "m20@ada.example")


def test_addresses_are_printed_as_their_country_does(ctx, firm, ada):
    reach.add_address(ctx, firm, label="delivery", recipient="Tor 4", street="1 Main St\nDock 2", postcode="94303", city="Palo Alto", region="CA", country="United States")
    home = reach.add_address(ctx, ada, label="home", city="Kiel", postcode="24105", country="Alemania")
    assert [place.lines for place in ways(ctx, firm).places] == [["Am Kai 3", "24103 Kiel"], ["Tor 4", "1 Main St", "Dock 2", "Palo Alto, CA 94303"]]
    assert (home.country, ways(ctx, ada).places[0].lines) == ("DE", ["24105 Kiel"])
    refused("address_empty", reach.add_address, ctx, ada, country="DE")
    refused("address_empty", reach.edit_address, ctx, home, city="", postcode="")
    reach.edit_address(ctx, home, version=home.version, street="Holtenauer Straße 1")
    reach.remove(ctx, home)
    assert ways(ctx, ada).places == []
    reach.restore(ctx, one(ctx, PostalAddress, home.id, deleted=True))
    assert ways(ctx, ada).places[0].lines == ["Holtenauer Straße 1", "24105 Kiel"]


def test_a_mark_belongs_to_the_value_and_not_to_the_row(ctx, ada):
    marks.opt_out(ctx, ada, "phone", "0171 7771236")
    marks.mark_invalid(ctx, ada, "mail", "ada@nordlicht.example", "left", note="Told by reception")
    actions.edit_contact(ctx, ada, mobile=None, mail="new@nordlicht.example")
    assert not any(way.invalid or way.no_calls for way in ways(ctx, ada).ways)
    other = actions.create_contact(ctx, name="Bo", mail="ADA@nordlicht.example", phone="+49 (171) 777 12 36")
    found = {way.kind: way for way in ways(ctx, other).ways}
    assert found["phone"].no_calls and (found["mail"].invalid, found["mail"].note) == ("left", "Told by reception")
    assert {"reach.no_calls", "reach.invalid"} <= set(kinds_told(ctx, ada))
    marks.mark_valid(ctx, other, "mail", "ada@nordlicht.example")
    marks.opt_in(ctx, other, "phone", "0171 7771236")
    assert not any(way.invalid or way.no_calls for way in ways(ctx, other).ways)


def test_only_a_value_of_the_record_can_be_marked(ctx, ada):
    with pytest.raises(NotFound):
        marks.opt_out(ctx, ada, "phone", "0431 1234567")
    refused("unknown_value", marks.mark_invalid, ctx, ada, "mail", ada.mail, "because")
    refused("unknown_value", marks.opt_out, ctx, ada, "messenger", "x")


def test_no_advertising_is_one_truth_with_the_post(ctx, ada):
    home = reach.add_point(ctx, ada, "mail", "home@ada.example")
    marks.opt_out(ctx, ada, "mail", "home@ada.example")
    assert post.queries.is_suppressed(ctx, "home@ada.example") and [way.no_ads for way in ways(ctx, ada).of("mail")] == [False, True]
    marks.opt_in(ctx, ada, "mail", "home@ada.example")
    assert not post.queries.is_suppressed(ctx, "home@ada.example")
    assert ctx.session.execute(select(ReachMark)).first() is None and home.id
    post.suppress(ctx, ada.mail, "marketing", "unsubscribed")
    (main, _) = ways(ctx, ada).of("mail")
    assert (main.no_ads, main.himself) == (True, True)
    refused("unsubscribed_himself", marks.opt_in, ctx, ada, "mail", ada.mail)


def test_no_mailing_goes_to_an_address_that_is_no_good(ctx, ada):
    mailing = draft_mailing(ctx, subject="News", body="x", audience="any", tags=["reached"])
    for name in ("bo", "cy"):
        actions.create_contact(ctx, name=name, mail=f"{name}@nordlicht.example", tags=["reached"])
    assert audience.count(ctx, "any", ["reached"]) == 2
    bo = ctx.session.execute(select(Contact).where(Contact.mail == "bo@nordlicht.example")).scalar_one()
    marks.mark_invalid(ctx, bo, "mail", bo.mail, "bounced")
    assert audience.count(ctx, "any", ["reached"]) == 1 and audience.freeze(ctx, mailing) == 1
    assert ctx.session.execute(select(MailingRecipient.address).where(MailingRecipient.mailing_id == mailing.id)).scalars().all() == ["cy@nordlicht.example"]


@pytest.mark.parametrize(("reply", "gone"), [
    ("550 5.1.1 <x>: Recipient address rejected: User unknown", True), ("550 No such user here", True), ("553 sorry, no mailbox", True), ("554 5.2.1 mailbox disabled", True),
    ("550 5.7.1 blocked by policy", False), ("554 spam", False), ("552 5.2.2 mailbox full", False), ("not a valid message: x", False), ("550 5.5.0 odd", False),
])
def test_a_server_that_knows_nobody_marks_the_address(ctx, ada, reply, gone):
    reach.add_point(ctx, ada, "mail", "home@ada.example")
    assert marks.note_bounce(ctx, "Home@Ada.example", reply) is gone
    assert [way.invalid for way in ways(ctx, ada).of("mail")] == [None, "bounced" if gone else None]
    assert ("reach.bounced" in kinds_told(ctx, ada)) is gone and not marks.note_bounce(ctx, "home@ada.example", reply)


def test_a_person_has_roles_at_several_accounts(ctx, firm, ada):
    other = actions.create_account(ctx, name="Südstern")
    role = affiliations.affiliate(ctx, ada, other.id, title="Advisor", department="Board", since="2024-01-01")
    (seen,) = ways(ctx, ada).roles
    assert (seen.name, seen.title, seen.department, seen.former) == ("Südstern", "Advisor", "Board", False)
    (there,) = ways(ctx, other).roles
    assert (there.name, there.title) == ("Ada Wolf", "Advisor")
    refused("affiliated_there", affiliations.affiliate, ctx, ada, other.id)
    refused("affiliated_there", affiliations.affiliate, ctx, ada, firm.id)
    refused("ends_before", affiliations.edit_affiliation, ctx, role, until="2023-01-01")
    affiliations.edit_affiliation(ctx, role, version=role.version, until=str(ctx.today - timedelta(days=1)))
    assert ways(ctx, other).roles[0].former
    affiliations.remove_affiliation(ctx, role)
    assert ways(ctx, ada).roles == []
    affiliations.restore_affiliation(ctx, one_affiliation(ctx, role.id, deleted=True))
    assert len(ways(ctx, ada).roles) == 1


def test_who_does_not_see_both_sides_sees_no_role(world):
    with world.acme.ctx("owner") as ctx:
        far = actions.create_account(ctx, name="Far away", owner_id=ctx.actor.id)
        mine = actions.create_contact(ctx, name="Mine", owner_id=world.acme.users["rep"].id)
        ctx.session.flush()
        role = affiliations.affiliate(ctx, mine, far.id, title="Secret adviser").id
        keys = mine.id, far.id
    with world.acme.ctx("rep") as ctx:
        contact = queries.one_contact(ctx, keys[0])
        assert ways(ctx, contact).roles == []
        with pytest.raises(NotFound):
            one_affiliation(ctx, role)
        refused("account_unknown", affiliations.affiliate, ctx, contact, keys[1])
    with world.acme.ctx("manager") as ctx:
        assert len(ways(ctx, queries.one_contact(ctx, keys[0])).roles) == 1


def test_only_who_may_edit_the_record_changes_them(world):
    with world.acme.ctx("rep") as ctx:
        contact = actions.create_contact(ctx, name="Of rep", mail="of@rep.example")
        ctx.session.flush()
        point = reach.add_point(ctx, contact, "mail", "further@rep.example").id
        key = contact.id
    with world.acme.ctx("colleague") as ctx, pytest.raises(NotFound):
        one(ctx, ContactPoint, point)
    for act in (
        lambda ctx, contact: reach.add_point(ctx, contact, "mail", "x@rep.example"), lambda ctx, contact: reach.remove(ctx, one(ctx, ContactPoint, point)),
        lambda ctx, contact: reach.make_main(ctx, one(ctx, ContactPoint, point)), lambda ctx, contact: marks.opt_out(ctx, contact, "mail", "of@rep.example"),
        lambda ctx, contact: reach.add_address(ctx, contact, city="Kiel"), lambda ctx, contact: reach.edit_point(ctx, one(ctx, ContactPoint, point), label="x"),
        lambda ctx, contact: affiliations.affiliate(ctx, contact, uuid4()), lambda ctx, contact: reach.add_many(ctx, "contacts", []),
    ):
        with world.acme.ctx("reader") as ctx, pytest.raises(Forbidden):
            act(ctx, queries.one_contact(ctx, key))


def found(ctx, typed, room="contacts"):
    return [row.name for row in getattr(queries, room)(ctx, queries.Filters(search=typed)).rows]


@pytest.mark.parametrize("typed", ["home@ada", "tipp-ex.exa", "555 12 34", "0431 5551234", "+49 431 5551234", "adawolf7", "0171 777 1236", "ada wolf"])
def test_a_person_is_found_by_a_further_mail_or_phone(ctx, ada, typed):
    for name in ("Somebody", "Else"):
        actions.create_contact(ctx, name=name, phone="+49 30 1234567")
    reach.add_point(ctx, ada, "mail", "home@ada.tipp-ex.example")
    reach.add_point(ctx, ada, "phone", "0431 5551234")
    reach.add_point(ctx, ada, "messenger", "@adawolf77", service="signal")
    assert found(ctx, typed) == ["Ada Wolf"]


def test_what_is_no_way_to_reach_finds_as_before(ctx, ada):
    assert found(ctx, "999999999") == [] and found(ctx, "Wolf") == ["Ada Wolf"] and found(ctx, "%%%") == []


def test_an_account_is_found_by_a_further_number_and_everywhere(ctx, firm):
    from core.search import queries as search

    reach.add_point(ctx, firm, "phone", "0431 888 4321")
    assert found(ctx, "0431 8884321", "accounts") == ["Nordlicht"]
    assert "Nordlicht" in str(search.everything(ctx, "8884321") if hasattr(search, "everything") else search.quick(ctx, "8884321"))


def test_what_was_taken_away_finds_nobody(ctx, ada):
    reach.remove(ctx, reach.add_point(ctx, ada, "mail", "home@ada.example"))
    assert found(ctx, "home@ada") == []


def test_a_duplicate_is_warned_of_by_a_further_mail_or_phone(ctx, ada):
    reach.add_point(ctx, ada, "mail", "home@ada.example")
    reach.add_point(ctx, ada, "phone", "0431 5551234")
    by_mail = queries.likely_duplicates(ctx, {"type": "contact", "name": "Somebody quite else", "mail": "HOME@ada.example"})
    by_phone = queries.likely_duplicates(ctx, {"type": "contact", "phone": "+49 431 555-1234"})
    assert [(match.id, match.reasons) for match in (*by_mail, *by_phone)] == [(ada.id, ("mail",)), (ada.id, ("phone",))]


def test_many_come_at_once_and_none_twice(ctx, firm, ada):
    rows = [{"record_id": ada.id, "kind": "mail", "value": value, "label": "home"} for value in ("ada@nordlicht.example", "A@B.example", "a@b.example", "c@d.example")]
    rows += [{"record_id": ada.id, "kind": "phone", "value": "0431 5551234"}, {"record_id": uuid4(), "kind": "mail", "value": "x@y.example"}]
    assert len(reach.add_many(ctx, "contacts", rows)) == 3 and reach.add_many(ctx, "contacts", rows) == []
    assert [way.value for way in ways(ctx, ada).ways if way.id] == ["A@b.example", "c@d.example", "0431 5551234"]
    assert [way.e164 for way in ways(ctx, ada).of("phone") if way.id] == ["+494315551234"]


def test_what_is_hidden_of_a_record_is_hidden_here(app):
    house = House(f"veiled-{uuid4().hex[:6]}", {"owner": "admin", "rep": "sales"})
    with house.ctx("owner") as ctx:
        account = actions.create_account(ctx, name="Hidden", mail="h@h.example", owner_id=None)
        contact = actions.create_contact(ctx, name="Hidden too", mail="i@h.example", owner_id=None)
        ctx.session.flush()
        for party in (account, contact):
            point = reach.add_point(ctx, party, "mail", "secret@h.example")
            reach.add_point(ctx, party, "phone", "+49 431 5551234")
        reach.add_address(ctx, contact, street="Secret street", city="Kiel")
        keys, point = (account.id, contact.id), point.id
        roles.edit_role(ctx, roles.one_role(ctx, "sales"), hidden=["contacts.mail", "accounts.street", "accounts.phone"])
    with house.ctx() as ctx:
        house.users["rep"] = next(user for user in people.users(ctx) if user.role.code == "sales")
    with house.ctx("rep") as ctx:
        account, contact = ctx.session.get(Account, keys[0]), ctx.session.get(Contact, keys[1])
        assert [way.kind for way in ways(ctx, account).ways] == ["mail", "mail"] and [way.kind for way in ways(ctx, contact).ways] == ["phone"]
        assert ways(ctx, contact).places[0].parts["street"] is None and ways(ctx, contact).places[0].lines == ["Kiel"]
        with pytest.raises(NotFound):
            one(ctx, ContactPoint, point)
        refused("unknown_field", reach.add_point, ctx, contact, "mail", "x@h.example")
        refused("unknown_field", reach.add_address, ctx, contact, street="x")
        refused("unknown_field", marks.opt_out, ctx, contact, "mail", "i@h.example")
        assert reach.add_point(ctx, contact, "phone", "+49 431 5550000").id and found(ctx, "secret@h") == []
        refused("unknown_field", reach.add_many, ctx, "contacts", [{"record_id": contact.id, "kind": "mail", "value": "x@h.example"}])
