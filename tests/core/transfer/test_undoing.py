"""Several rows of one file lead to the same record, in one chunk or in different ones: each is written, and the undo puts back what
was there before the first of them."""

from uuid import uuid4

import pytest
from sqlalchemy import delete, select

from core.base.facts import Fact
from core.parties import actions, reach
from core.parties.models import Account, Contact
from core.parties.reach_models import ContactPoint, PostalAddress
from core.transfer import companies, fixing, queries, running, undoing
from tests.support.chunks import one_import_chunk

FAR = 3  # rows between the two


@pytest.fixture
def tag():
    return f"u{uuid4().hex[:8]}"


@pytest.fixture(params=[2, 1000], ids=["in different chunks", "in one chunk"])
def chunks(request, monkeypatch):
    """Two rows at a time, or all at once."""
    for room in (running, companies):
        monkeypatch.setattr(room, "CHUNK", request.param)


def record(house, model, key):
    with house.ctx() as ctx:
        return ctx.session.get_one(model, key)


def known(house, tag, **values):
    with house.ctx() as ctx:
        account = actions.create_account(ctx, name=f"Old {tag}", **values)
        ctx.session.flush()
        return account.id


def file_of(tag, first, last):
    """A file whose first and last row may lead to one record, with others between them."""
    return f"name,city,phone,website,parent\n{first}\n" + "".join(f"Other {n} {tag},Ulm,,,\n" for n in range(FAR)) + f"{last}\n"


def into_one(one, key, *lines):
    with one.door() as ctx:
        for line in lines:
            fixing.fix_row(ctx, queries.one(ctx, one.id), line, {}, f"update:{key}")


def brought(bring, house, tag, key):
    """Two rows into one account: the first changes its city and website, the last its city again and its phone."""
    one = bring().upload(file_of(tag, f"First {tag},Bonn,,https://first.example,", f"Last {tag},Kiel,+49 431 1234567,,")).choose(mode="both", key_field="name").check()
    into_one(one, key, 2, 3 + FAR)
    return one


def test_each_row_is_written(bring, house, tag, chunks):
    key = known(house, tag, city="Ulm")
    brought(bring, house, tag, key).run()
    now = record(house, Account, key)
    assert (now.name, now.city, now.phone, now.website) == (f"Last {tag}", "Kiel", "+49 431 1234567", "https://first.example")


def test_the_undo_puts_back_what_was_before_the_first(bring, house, tag, chunks):
    key = known(house, tag, city="Ulm")
    one = brought(bring, house, tag, key).run().undo()
    now = record(house, Account, key)
    assert (now.name, now.city, now.phone, now.website) == (f"Old {tag}", "Ulm", None, None)
    assert (one.counts["undone"], one.counts.get("kept")) == (FAR + 2, None)
    with house.ctx() as ctx:  # told once, with all that went back
        told = ctx.session.execute(select(Fact.params["fields"]).where(Fact.subject_id == key, Fact.kind == "account.edited").order_by(Fact.id.desc()).limit(1)).scalar_one()
    assert sorted(told) == ["city", "name", "phone", "website"]


@pytest.mark.parametrize("when", ["between", "after"])
def test_what_somebody_changed_between_two_rows_or_after_them_stays(bring, house, tag, monkeypatch, when):
    monkeypatch.setattr(running, "CHUNK", 2)
    key = known(house, tag, city="Ulm")
    one = brought(bring, house, tag, key).start()
    if when == "between":
        one_import_chunk(running, one.door, one.id, one.row.round)
    else:
        running.run_import(one.door, one.id, one.row.round)
    with house.ctx() as ctx:
        actions.edit_account(ctx, ctx.session.get_one(Account, key), industry="optics")
    running.run_import(one.door, one.id, one.row.round)
    one.undo()
    assert record(house, Account, key).industry == "optics" and record(house, Account, key).city == "Kiel"
    assert (one.counts["undone"], one.counts["kept"]) == (FAR, 2)


def test_a_row_that_changed_nothing_of_its_own_is_no_change_between(bring, house, tag, chunks):
    key = known(house, tag, city="Ulm")
    one = bring().upload(f"name,city,mail 2\nOld {tag},Bonn,\n" + "".join(f"Other {n} {tag},Ulm,\n" for n in range(FAR)) + f"Last {tag},,two@{tag}.example\n").choose(mode="both", key_field="name").check()
    with one.door() as ctx:  # the last row says nothing but a further address
        fixing.fix_row(ctx, queries.one(ctx, one.id), 3 + FAR, {0: f"Old {tag} "}, f"update:{key}")
    one.run()
    assert record(house, Account, key).city == "Bonn"
    one.undo()
    assert record(house, Account, key).city == "Ulm" and one.counts.get("kept") is None
    with house.ctx() as ctx:
        assert ctx.session.execute(select(ContactPoint.id).where(ContactPoint.account_id == key, ContactPoint.deleted_at.is_(None))).all() == []


def test_parents_go_back_to_the_one_before_the_first(bring, house, tag, chunks, monkeypatch):
    from core.transfer import parents

    monkeypatch.setattr(parents, "CHUNK", running.CHUNK)
    top, a, b = known(house, f"top {tag}"), known(house, f"a {tag}"), known(house, f"b {tag}")
    key = known(house, tag, parent_id=top)
    one = bring().upload(file_of(tag, f"Old {tag},,,,Old a {tag}", f"Old {tag},,,,Old b {tag}")).choose(mode="both", key_field="name").check()
    into_one(one, key, 2, 3 + FAR)
    one.run()
    assert record(house, Account, key).parent_id == b
    one.undo()
    assert record(house, Account, key).parent_id == top and a != b and one.counts.get("kept") is None


# ---- what hangs on them ----


def places(house, key):
    with house.ctx() as ctx:
        found = select(PostalAddress.street, PostalAddress.city, PostalAddress.postcode).where(PostalAddress.contact_id == key, PostalAddress.deleted_at.is_(None))
        return [tuple(row) for row in ctx.session.execute(found)]


def people(bring, house, tag, key):
    between = "".join(f"Other {n} {tag},{n}@{tag}.example,,,,\n" for n in range(FAR))
    one = bring().upload(f"name,mail,street,city,postcode,mail 2\nAda {tag},1@a.example,Weg 1,Bonn,,x@{tag}.example\n{between}Ada {tag},2@a.example,,Kiel,24103,y@{tag}.example\n", kind="contacts")
    one.choose(mapping=["name", "mail", "street", "city", "postcode", "mail_2"], mode="both", key_field="mail").check()
    into_one(one, key, 2, 3 + FAR)
    return one


@pytest.mark.parametrize("there", [True, False])
def test_an_address_goes_back_to_what_it_was_before_the_first(bring, house, tag, chunks, there):
    with house.ctx() as ctx:
        contact = actions.create_contact(ctx, name=f"Ada {tag}", mail=f"ada@{tag}.example")
        ctx.session.flush()
        if there:
            reach.add_address(ctx, contact, street="Weg 0", city="Ulm")
        key = contact.id
    one = people(bring, house, tag, key).run()
    assert places(house, key) == [("Weg 1", "Kiel", "24103")]
    one.undo()
    assert places(house, key) == ([("Weg 0", "Ulm", None)] if there else [])
    assert record(house, Contact, key).mail == f"ada@{tag}.example" and one.counts.get("kept") is None


# ---- companies ----


def staffed(bring, tag, company):
    between = "".join(f"Other {n} {tag},,,\n" for n in range(FAR))
    text = f"Name,Company,Company website,Company phone\nAda {tag},{company},https://acme.example,\n{between}Bob {tag},{company},,+49 431 1234567\n"
    return bring().upload(text, kind="contacts").choose(mapping=["name", "account", "account_website", "account_phone"], mode="create", key_field="", fills_accounts=True).check()


def test_a_company_filled_by_two_chunks_is_empty_again(bring, house, tag, monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 2)
    key = known(house, tag)
    one = staffed(bring, tag, f"Old {tag}").run()
    now = record(house, Account, key)
    assert (now.website, now.phone) == ("https://acme.example", "+49 431 1234567")
    one.undo()
    now = record(house, Account, key)
    assert (now.website, now.phone, now.deleted_at) == (None, None, None)


def test_a_company_made_by_one_chunk_and_filled_by_another_goes(bring, house, tag, monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 2)
    one = staffed(bring, tag, f"New {tag}").run().undo()
    with house.ctx() as ctx:
        assert ctx.session.execute(select(Account.name).where(Account.name == f"New {tag}", Account.deleted_at.is_(None))).all() == []
    assert one.counts["accounts_undone"] == 1


def test_a_company_that_somebody_changed_since_keeps_what_it_was_given(bring, house, tag, monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 2)
    key = known(house, tag)
    one = staffed(bring, tag, f"Old {tag}").run()
    with house.ctx() as ctx:
        actions.edit_account(ctx, ctx.session.get_one(Account, key), industry="optics")
    one.undo()
    assert record(house, Account, key).website == "https://acme.example"


def test_an_undo_that_dies_after_a_chunk_goes_on(bring, house, tag, monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 2)
    key = known(house, tag, city="Ulm")
    one = brought(bring, house, tag, key).run()
    with one.door() as ctx:
        undoing.start_undo(ctx, queries.one(ctx, one.id))
    one_import_chunk(undoing, one.door, one.id, one.row.round)
    assert record(house, Account, key).city == "Ulm"  # with the first row the whole record
    undoing.undo_import(one.door, one.id, one.row.round)
    assert record(house, Account, key).city == "Ulm" and one.counts["undone"] == FAR + 2


def test_an_old_link_to_what_is_gone_for_good_is_not_put_back_and_the_row_counts_as_kept(bring, house, tag):
    with house.ctx() as ctx:
        old = actions.create_account(ctx, name=f"Old {tag}")
        actions.create_account(ctx, name=f"New {tag}")
        ctx.session.flush()
        gone, left = actions.create_contact(ctx, name=f"Ana {tag}", mail=f"a@{tag}.example", account_id=old.id).id, actions.create_contact(ctx, name=f"Bo {tag}", mail=f"b@{tag}.example").id
        key = old.id
    one = bring().upload(f"name,mail,account\nAna {tag},a@{tag}.example,New {tag}\nBo {tag},b@{tag}.example,New {tag}\n", kind="contacts").choose(mode="update", key_field="mail").check().run()
    assert one.counts["updated"] == 2
    with house.ctx() as ctx:
        ctx.session.execute(delete(Account).where(Account.id == key))
    one.undo()
    assert one.row.state == "undone" and (one.counts["undone"], one.counts["kept"]) == (1, 1)
    assert record(house, Contact, gone).account_id is not None and record(house, Contact, left).account_id is None
