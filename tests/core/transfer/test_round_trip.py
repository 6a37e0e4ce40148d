"""What an export writes, an import reads back to the same: accounts and contacts, CSV and XLSX, in another workspace and in the same."""

from io import BytesIO
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.consent import bases, recording
from core.consent.models import Consent, LawfulBasis
from core.custom_fields import actions as own
from core.parties import actions, affiliations, marks, reach
from core.parties.models import Account, Contact
from core.parties.reach_models import Affiliation, ContactPoint, PostalAddress, ReachMark
from core.transfer.exporting import Filters, Shape
from core.transfer.wanted import Wanted, write
from tests.core.transfer.conftest import Import
from tests.support.world import House

OWN_FIELDS = (
    ("text", "Colour", {}), ("whole", "Seats", {}), ("amount", "Deposit", {}), ("date", "Since", {}), ("yes_no", "Vip", {}), ("moment", "Visit", {}),
    ("choices", "Sizes", {"options": [{"key": "s", "label": "Small"}, {"key": "l", "label": "Large"}]}), ("account", "Dealer", {}), ("contact", "Adviser", {}), ("user", "Sponsor", {}),
)


def agreements(house):
    """The purposes of a workspace, by name."""
    with house.ctx() as ctx:
        return {name: recording.add_purpose(ctx, name=name).id for name in ("News", "Calls: fair (2026)")}


def fields(house, room):
    with house.ctx() as ctx:
        for kind, label, more in OWN_FIELDS:
            own.create_field(ctx, room=room, kind=kind, label=label, **more)


@pytest.fixture(scope="module")
def two(app):
    """A workspace with a full account and two full contacts, and an empty one with the same own fields and colleagues."""
    full, empty = House(f"rt{uuid4().hex[:6]}"), House(f"ru{uuid4().hex[:6]}")
    agreed, _ = agreements(full), agreements(empty)
    for house in (full, empty):
        for room in ("accounts", "contacts"):
            fields(house, room)
        with house.ctx() as ctx:
            actions.create_account(ctx, name="Dealer & Co")
            actions.create_contact(ctx, name="Adela Viser", mail="adela@x.example")
    with full.ctx() as ctx:
        dealer = ctx.session.execute(select(Account).where(Account.name == "Dealer & Co")).scalar_one()
        adela = ctx.session.execute(select(Contact).where(Contact.name == "Adela Viser")).scalar_one()
        values = {
            "custom.colour": "=red, \"dark\"", "custom.seats": 12, "custom.deposit": "12.50 USD", "custom.since": "2024-02-29", "custom.vip": True,
            "custom.visit": "2026-05-01T10:30", "custom.sizes": ["s", "l"], "custom.dealer": str(dealer.id), "custom.adviser": str(adela.id), "custom.sponsor": str(full.users["rep"].id),
        }
        acme = actions.create_account(
            ctx, name="Acme, \"GmbH\" Ñ", external_id="A-7", kind="company", is_customer=True, is_supplier=True, website="acme.example", phone="+49 431 1112233", mail="Office@Acme.example",
            industry="Optics", employees=1200, annual_revenue="1234567.89", currency="USD", founded_year=1987, tax_relief="AE", street="Weg 1\nHof", postcode="01067", city="Kiel", region="SH", country="Germany",
            parent_id=dealer.id, tags=["vip", "fair 26"], source="fair", notes="one\ntwo", owner_id=full.users["rep"].id, **values,
        )
        ctx.session.flush()
        for kind, value, label in (("mail", "b@acme.example", "billing"), ("mail", "c@acme.example", "my own word"), ("phone", "+49 431 4445566", "switchboard"), ("phone", "+49 431 7778899", "fax")):
            reach.add_point(ctx, acme, kind, value, label=label)
        marks.opt_out(ctx, acme, "mail", "Office@Acme.example")
        marks.mark_invalid(ctx, acme, "phone", "+49 431 1112233", "wrong")
        ana = actions.create_contact(
            ctx, name="Ana 王", external_id="C-9", account_id=acme.id, job_title="Boss", how_to_address="Dear Ana", mail="ana@acme.example", phone="+34 600 111 222", mobile="+34 600 333 444",
            language="es", birthday="1980-02-03", birthday_source="Her brother, on the phone", birthday_noted_on="2026-03-12", referred_by_source="Herself", preferred_channel="message", preferred_hours="Mon-Fri 9-12", timezone="Europe/Madrid", referred_by_id=adela.id, tags=["a"], source="fair",
            notes="=1+1", owner_id=full.users["rep"].id, **values,
        )
        ctx.session.flush()
        for kind, value, label in (("mail", "ana2@x.example", "home"), ("mail", "ana3@x.example", "work"), ("phone", "+34 600 555 666", "home")):
            reach.add_point(ctx, ana, kind, value, label=label)
        for service, value, label in (("whatsapp", "+34 600 111 222", "work"), ("skype", "live:ana; b", "my (own)"), ("other", "ana", "other")):
            reach.add_point(ctx, ana, "messenger", value, label=label, service=service)
        reach.add_point(ctx, acme, "messenger", "acme-help", service="telegram")
        affiliations.affiliate(ctx, ana, dealer.id, title="Adviser | Board", department="", since="2020-01-01", until="2024-12-31", is_former=True)
        affiliations.affiliate(ctx, adela, acme.id)
        recording.record_consent(ctx, ana, agreed["News"], given=False, source="phone")
        recording.record_consent(ctx, adela, agreed["Calls: fair (2026)"], given=True, source="paper")
        bases.set_basis(ctx, ana, basis="legitimate_interest", source="mail")
        reach.add_address(ctx, ana, label="home", street="Calle 1\n2º", postcode="08001", city="Barcelona", region="B", country="ES")
        marks.opt_out(ctx, ana, "mail", "ana@acme.example")
        marks.opt_out(ctx, ana, "phone", "+34 600 111 222")
        marks.mark_invalid(ctx, ana, "phone", "+34 600 333 444", "left")
        marks.mark_invalid(ctx, ana, "mail", "ana@acme.example", "bounced")
    return full, empty


def exported(house, kind, form, names=False, who="owner", **rest):
    file = BytesIO()
    with house.ctx(who, **rest) as ctx:
        write(ctx, Wanted(kind, Filters(), shape=Shape(form, None, names)), file)
    return file.getvalue()


def cells(house, kind):
    """The list as its own export says it, row by row, without what is this workspace's."""
    from python_calamine import CalamineWorkbook

    header, *rows = CalamineWorkbook.from_filelike(BytesIO(exported(house, kind, "xlsx", names=True))).get_sheet_by_index(0).to_python()
    return {row[header.index("name")]: dict(zip(header, row, strict=True)) for row in rows}


@pytest.mark.parametrize(("form", "names"), [("csv", False), ("csv", True), ("xlsx", False)])
def test_a_list_comes_in_elsewhere_as_it_went_out(two, form, names):
    full, empty = two
    empty = House(f"rv{uuid4().hex[:6]}")
    agreements(empty)
    for room in ("accounts", "contacts"):
        fields(empty, room)
    for kind, other in (("accounts", "contacts"), ("contacts", "accounts")):
        if kind == "accounts":  # whom its fields name is there already
            with empty.ctx() as ctx:
                actions.create_contact(ctx, name="Adela Viser", mail="adela@x.example")
                actions.create_account(ctx, name="Dealer & Co")
        run = Import(empty).upload(exported(full, kind, form, names), kind=kind, name=f"list.{form}")
        assert [name for name, target in zip(run.row.header, run.row.mapping, strict=True) if target in ("", "custom")] == []
        run.choose(mode="both", key_field="name").check()
        assert run.said() == [], other
        run.run()
    for kind in ("accounts", "contacts"):
        assert cells(empty, kind) == cells(full, kind)
    with empty.ctx() as ctx:
        ana = ctx.session.execute(select(Contact).where(Contact.name == "Ana 王")).scalar_one()
        place = ctx.session.execute(select(PostalAddress).where(PostalAddress.contact_id == ana.id)).scalar_one()
        assert (place.street, place.city, place.country) == ("Calle 1\n2º", "Barcelona", "ES")
        labels = ctx.session.execute(select(ContactPoint.value, ContactPoint.label).where(ContactPoint.account_id.is_not(None))).all()
        assert ("c@acme.example", "my own word") in labels and ("+49 431 7778899", "fax") in labels
        chats = ctx.session.execute(select(ContactPoint.service, ContactPoint.value, ContactPoint.label).where(ContactPoint.kind == "messenger", ContactPoint.contact_id == ana.id).order_by(ContactPoint.position)).all()
        assert [tuple(one) for one in chats] == [("whatsapp", "+34 600 111 222", "work"), ("skype", "live:ana; b", "my own"), ("other", "ana", "other")]
        role = ctx.session.execute(select(Affiliation).where(Affiliation.contact_id == ana.id)).scalar_one()
        assert (role.title, role.department, str(role.since), str(role.until), role.is_former) == ("Adviser | Board", None, "2020-01-01", "2024-12-31", True)
        said = ctx.session.execute(select(Contact.name, Consent.given, Consent.source).join(Contact, Contact.id == Consent.contact_id)).all()
        assert sorted(map(tuple, said)) == [("Adela Viser", True, "import"), ("Ana 王", False, "import")]
        assert ctx.session.execute(select(LawfulBasis.basis, LawfulBasis.source)).one() == ("legitimate_interest", "import")
        assert ctx.session.execute(select(ReachMark.invalid).where(ReachMark.kind == "mail")).scalars().all() == ["bounced"]


@pytest.mark.parametrize("kind", ["accounts", "contacts"])
def test_in_the_same_workspace_it_changes_nothing(two, kind):
    full, _ = two
    before = cells(full, kind)
    run = Import(full).upload(exported(full, kind, "csv"), kind=kind).choose(mode="both", key_field="name").check()
    assert run.said() == []
    run.run()
    after = cells(full, kind)
    assert {(name, field): (value, after[name][field]) for name, row in before.items() for field, value in row.items() if value != after[name][field]} == {}
    assert run.counts == {"skipped": len(before)}


def test_another_language_reads_it_too(two):
    full, empty = two
    content = exported(full, "contacts", "csv", locale="zh")
    run = Import(empty).upload(content, kind="contacts")
    assert set(run.row.mapping) >= {"street", "mail_2", "mail_2_kind", "no_mailings", "phone_invalid", "referred_by_id", "messengers", "other_roles", "lawful_basis"}
    assert len([target for target in run.row.mapping if target.startswith("consent.")]) == 2


def test_what_is_hidden_is_in_no_file(two):
    from dataclasses import replace

    full, _ = two
    file = BytesIO()
    with full.ctx() as ctx:
        from core.base.context import as_actor

        ctx = as_actor(ctx, replace(ctx.actor, hidden=frozenset({"contacts.mobile", "contacts.mail", "accounts.street"})))
        write(ctx, Wanted("contacts", shape=Shape("csv", None, True)), file)
    head = file.getvalue().decode("utf-8-sig").splitlines()[0].split(",")
    assert not {"mail", "mail_2", "no_mailings", "mobile", "phone_2", "phone_no_calls", "street", "messengers"} & set(head) and {"phone", "city", "country"} <= set(head)
    assert b"ana2@" not in file.getvalue() and b"Calle" not in file.getvalue()


# ---- the parts ----

CONTACT = "Name,Mail address,Street,City,Country,No advertising by mail,Do not call: phone,Phone\n"


@pytest.fixture(scope="module")
def house(app):
    return House(f"rp{uuid4().hex[:6]}")


def places(house, name):
    with house.ctx() as ctx:
        query = select(PostalAddress).join(Contact, Contact.id == PostalAddress.contact_id).where(Contact.name == name, PostalAddress.deleted_at.is_(None))
        return [(one.street, one.city, one.country) for one in ctx.session.execute(query).scalars()]


def test_an_address_is_put_in_place_and_goes_back_with_the_undo(bring, house):
    first = bring(at=house).upload(CONTACT + "Bo Eins,bo@x.example,Weg 1,Kiel,Germany,,,\n", kind="contacts").check().run()
    assert places(house, "Bo Eins") == [("Weg 1", "Kiel", "DE")]
    second = bring(at=house).upload(CONTACT + "Bo Eins,bo@x.example,Weg 2,,,,,\n", kind="contacts").choose(mode="both", key_field="mail").check().run()
    assert places(house, "Bo Eins") == [("Weg 2", "Kiel", "DE")] and second.counts == {"updated": 1}
    second.undo()
    assert places(house, "Bo Eins") == [("Weg 1", "Kiel", "DE")] and second.counts["undone"] == 1
    alone = bring(at=house).upload(CONTACT + "Bo Acht,bo8@x.example,Weg 8,Kiel,,,,\n", kind="contacts").check().run().undo()
    assert alone.counts["undone"] == 1 and alone.counts.get("kept", 0) == 0 and places(house, "Bo Acht") == [] and first.counts["created"] == 1


def test_an_address_that_somebody_changed_since_stays(bring, house):
    bring(at=house).upload(CONTACT + "Bo Zwei,bo2@x.example,Weg 1,Kiel,,,,\n", kind="contacts").check().run()
    run = bring(at=house).upload(CONTACT + "Bo Zwei,bo2@x.example,Weg 2,,,,,\n", kind="contacts").choose(mode="both", key_field="mail").check().run()
    with house.ctx() as ctx:
        place = ctx.session.execute(select(PostalAddress).where(PostalAddress.street == "Weg 2")).scalar_one()
        reach.edit_address(ctx, place, street="Weg 3")
    run.undo()
    assert places(house, "Bo Zwei") == [("Weg 3", "Kiel", None)]


def test_a_country_alone_is_noted_and_no_address(bring, house):
    run = bring(at=house).upload(CONTACT + "Bo Drei,bo3@x.example,,,Germany,,,\n", kind="contacts").check()
    assert [code for _, _, code in run.said()] == ["address_empty"]
    run.run()
    assert places(house, "Bo Drei") == []


def test_wishes_are_kept_and_never_taken_back_by_a_file(bring, house):
    from core.post import queries as post

    head = CONTACT + "Bo Vier,bo4@x.example,,,,yes,yes,+49 431 123000\n"
    run = bring(at=house).upload(head, kind="contacts").check().run()
    with house.ctx() as ctx:
        assert post.is_suppressed(ctx, "bo4@x.example")
    bring(at=house).upload(CONTACT + "Bo Vier,bo4@x.example,,,,no,no,+49 431 123000\n", kind="contacts").choose(mode="both", key_field="mail").check().run()
    run.undo()
    with house.ctx() as ctx:
        assert post.is_suppressed(ctx, "bo4@x.example") and ctx.session.execute(select(ReachMark.opted_out_at).where(ReachMark.key == "431123000")).scalar_one()


@pytest.mark.parametrize(("header", "targets"), [
    ("First Name,Last Name,Business Street,Business City,Home Street,Home City,Home Postal Code,Home Country/Region,E-mail Address", {"Home Street": "street", "Home City": "city", "Home Postal Code": "postcode", "Home Country/Region": "country", "Business Street": "custom"}),
    ("Name,Company,Business Street,Home Street", {"Business Street": "account_street", "Home Street": "street"}),
    ("First Name,Last Name,Address 1 - Street,Address 1 - City,Address 1 - Postal Code,Address 1 - Country,E-mail 1 - Value", {"Address 1 - Street": "street", "Address 1 - City": "city", "Address 1 - Postal Code": "postcode", "Address 1 - Country": "country"}),
    ("Display Name,Primary Email,Home Address,Home City,Home ZipCode,Home Country,Work Address,Organization", {"Home Address": "street", "Home ZipCode": "postcode", "Work Address": "account_street"}),
    ("Name,Business Street,Business City", {"Business Street": "street", "Business City": "city"}),
], ids=["outlook", "with a company", "google", "thunderbird", "business alone"])
def test_addresses_of_programs_are_the_persons(header, targets):
    from core.transfer.headers import guess_mapping

    names = header.split(",")
    found = dict(zip(names, guess_mapping("contacts", names), strict=True))
    assert targets.items() <= found.items(), found


def test_a_name_that_none_or_two_have_is_a_problem_of_its_cell(bring, house):
    with house.ctx() as ctx:
        own.create_field(ctx, room="accounts", kind="account", label="Bank")
        for name in ("Twin Ltd", "Twin Ltd", "One Bank"):
            actions.create_account(ctx, name=name)
        actions.create_account(ctx, name="Numbered", external_id="N-1")
    run = bring(at=house).upload("Name,Bank\nLa,one bank\nLb,Twin Ltd\nLc,Nobody\nLd,N-1\n").check()
    assert run.said() == [(3, 1, "link_not_one"), (4, 1, "link_not_found")]
    run.run()
    with house.ctx() as ctx:
        named = {row.name: row.custom.get("bank") for row in ctx.session.execute(select(Account).where(Account.name.in_(("La", "Ld")))).scalars()}
        keys = {row.name: str(row.id) for row in ctx.session.execute(select(Account).where(Account.name.in_(("One Bank", "Numbered")))).scalars()}
    assert named == {"La": keys["One Bank"], "Ld": keys["Numbered"]}


def test_what_one_does_not_see_is_named_by_no_cell(bring, house):
    with house.ctx() as ctx:
        own.create_field(ctx, room="accounts", kind="account", label="Lender")
    with house.ctx("manager") as ctx:
        actions.create_account(ctx, name="Secret Bank")
    run = bring("rep", at=house).upload("Name,Lender\nLe,Secret Bank\n").check()
    assert [code for _, _, code in run.said()] == ["link_not_found"]


def test_presets_and_what_is_due_hang_on_other_fields(bring, app):
    house = House(f"rq{uuid4().hex[:6]}")
    with house.ctx() as ctx:
        when = {"field": "industry", "op": "eq", "value": "Optics"}
        own.create_field(ctx, room="accounts", kind="text", label="Lens", preset="glass", shown_when=when)
        own.create_field(ctx, room="accounts", kind="text", label="Licence", is_required=True, shown_when=when)
        actions.create_account(ctx, name="Old")
    run = bring(at=house).upload("Name,Industry,Licence\nPa,Optics,L-1\nPb,Retail,\nPc,Optics,\nOld,Optics,\n").choose(mode="both", key_field="name").check()
    assert run.said() == [(4, 2, "required"), (5, 2, "required")]
    run.run()
    with house.ctx() as ctx:
        found = {row.name: row.custom for row in ctx.session.execute(select(Account)).scalars()}
    assert found == {"Old": {}, "Pa": {"lens": "glass", "licence": "L-1"}, "Pb": {}}
