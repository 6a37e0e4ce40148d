"""Leads from a file: who may be known already is said at the door, nobody is told of each, no clock runs; scored and assigned afterwards by a job."""

import csv
from io import BytesIO, StringIO
from uuid import uuid4

import pytest
from sqlalchemy import delete, func, select

from core.base.errors import Refused
from core.base.facts import timeline
from core.base.outbox import Order
from core.leads import actions, assigning, clock
from core.leads.columns import leads_where
from core.leads.importable import FOLLOW
from core.leads.models import Lead, LeadScore
from core.notifications.models import Notification
from core.parties import actions as parties
from core.transfer import queries, results
from core.transfer.exporting import Filters, Shape
from core.transfer.models import ImportMapping
from core.transfer.wanted import Wanted, write
from tests.core.transfer.conftest import Import
from tests.support.world import House
from workers.jobs.leads import follow_import


@pytest.fixture(scope="module")
def office(app):
    """A workspace whose clock for first answers runs."""
    house = House(f"li{uuid4().hex[:6]}")
    with house.ctx() as ctx:
        clock.change_clock(ctx, hours="4", days=[0, 1, 2, 3, 4, 5, 6], opens="0:00", closes="24:00")
    return house


@pytest.fixture
def bring(office):
    """Without choices remembered from another test."""
    with office.ctx() as ctx:
        ctx.session.execute(delete(ImportMapping))
    return lambda who="owner", at=None: Import(at or office, who)


@pytest.fixture
def tag():
    return f"x{uuid4().hex[:8]}"


def leads(house, tag):
    with house.ctx() as ctx:
        return {lead.name.removesuffix(f" {tag}"): lead for lead in ctx.session.execute(select(Lead).where(Lead.name.contains(tag), Lead.deleted_at.is_(None))).scalars()}


def afterwards(house):
    """The orders that an import of leads left, run as a worker runs them."""
    with house.ctx() as ctx:
        orders = ctx.session.execute(select(Order).where(Order.name == FOLLOW, Order.state == "waiting")).scalars().all()
        for order in orders:
            order.state = "done"
    for order in orders:
        with house.ctx() as ctx:
            follow_import(ctx, **order.args)
    return len(orders)


def test_a_list_of_leads_comes_in_with_source_owner_and_state(bring, office, tag):
    content = "First name,Last name,Company,Email,Phone,Lead source,Owner,Status,Reason\n"
    content += f"Ana,Ruiz {tag},Acme,Ana@{tag}.example,+34 600 111 222,Fair,{office.users['rep'].mail},Being worked on,\n,,Solo {tag},,,import,,returned,No budget\n,,,only@{tag}.example,,,,,\n"
    one = bring().upload(content, kind="leads").check()
    assert one.row.mapping == ["first_name", "last_name", "company", "mail", "phone", "source", "owner_id", "state", "reason"] and one.said() == []
    assert one.run().counts == {"created": 3}
    found = leads(office, tag)
    ana, solo, only = found["Ana Ruiz"], found["Solo"], found[f"only@{tag}.example"]
    assert (ana.mail_norm, ana.company, ana.source, ana.owner_id, ana.state) == (f"ana@{tag}.example", "Acme", "Fair", office.users["rep"].id, "working")
    assert (solo.source, solo.state, solo.reason, solo.owner_id) == ("import", "returned", "no_budget", None) and only.state == "new"
    with office.ctx() as ctx:
        assert [fact.kind for fact in ctx.session.execute(timeline(ana.id)).scalars()] == ["lead.created"]


def test_no_clock_runs_and_nobody_is_told_of_each(bring, office, tag):
    bring().upload("name,email,owner\n" + "".join(f"L{n} {tag},l{n}@{tag}.example,{office.users['rep'].name}\n" for n in range(20)), kind="leads").check().run()
    afterwards(office)
    assert all(lead.answer is None and lead.answer_due_at is None for lead in leads(office, tag).values())
    with office.ctx() as ctx:
        told = ctx.session.execute(select(func.count()).select_from(Notification).where(Notification.user_id == office.users["rep"].id, Notification.record_kind == "lead")).scalar_one()
    assert told == 0


def test_they_are_scored_and_go_to_somebody_by_the_rules_afterwards_and_can_still_be_taken_back(app, tag):
    house = House(f"lj{uuid4().hex[:6]}")
    with house.ctx() as ctx:
        assigning.save_rule(ctx, None, name="Spain", way="turn", user_ids=[house.users["rep"].id, house.users["colleague"].id], conditions=[["country", "eq", "Spain"]])
    one = Import(house).upload("name,country,owner\n" + "".join(f"S{n} {tag},Spain,\n" for n in range(4)) + f"F {tag},France,\nM {tag},Spain,{house.users['manager'].name}\n", kind="leads").check().run()
    assert {lead.owner_id for name, lead in leads(house, tag).items() if name != "M"} == {None}
    assert afterwards(house) == 1
    found = leads(house, tag)
    assert sorted(str(found[f"S{n}"].owner_id) for n in range(4)) == sorted([str(house.users["rep"].id), str(house.users["colleague"].id)] * 2)
    assert found["F"].owner_id is None and found["M"].owner_id == house.users["manager"].id
    with house.ctx() as ctx:
        assert ctx.session.execute(select(func.count()).select_from(LeadScore).where(LeadScore.lead_id.in_([lead.id for lead in found.values()]))).scalar_one() == 6
        assert ctx.session.execute(select(func.count()).select_from(Notification).where(Notification.record_kind == "lead")).scalar_one() == 0
        actions.edit_lead(ctx, ctx.session.get(Lead, found["S0"].id), city="By hand")
    assert one.undo().counts | {"created": 0} == {"created": 0, "undone": 5, "kept": 1} and leads(house, tag).keys() == {"S0"}


def test_who_may_be_known_is_said_before_anything_is_written(bring, office, tag):
    with office.ctx() as ctx:
        acme = parties.create_account(ctx, name=f"Acme {tag} GmbH")
        parties.create_contact(ctx, name=f"Ana Ruiz {tag}", mail=f"ana@{tag}.example", account_id=acme.id)
        actions.create_lead(ctx, name=f"Open {tag}", mail=f"open@{tag}.example")
    one = bring().upload(f"name,company,email,photo\nA. Ruiz,,ANA@{tag}.example,\nSomebody,Acme {tag} G.m.b.H.,,\nOpen again,,open@{tag}.example,\nNew {tag},,new@{tag}.example,\n", kind="leads").choose(key_field="").check()
    assert one.said() == [(2, None, "lead_known"), (3, None, "lead_company_known"), (4, 2, "lead_open_already")] and one.counts == {"create": 4, "noted": 3}
    with office.ctx() as ctx:
        known, *_ = queries.troubles(ctx, queries.one(ctx, one.id))
        assert known.params["name"] == f"Ana Ruiz {tag}" and not known.stops


def test_a_contact_out_of_sight_is_only_said_to_be_there(bring, office, tag):
    with office.ctx() as ctx:
        parties.create_contact(ctx, name=f"Hidden {tag}", mail=f"hid@{tag}.example", owner_id=office.users["manager"].id)
    one = bring("rep").upload(f"name,email\nSomebody,hid@{tag}.example\n", kind="leads").check()
    assert one.said() == [(2, None, "lead_known_hidden")]
    with office.ctx("rep") as ctx:
        assert queries.troubles(ctx, queries.one(ctx, one.id))[0].params == {}


def test_a_next_step_comes_with_its_day_or_meets_one(bring, office, tag):
    with office.ctx() as ctx:
        actions.create_lead(ctx, name=f"Planned {tag}", mail=f"p@{tag}.example", next_step_on="2031-01-02")
        actions.create_lead(ctx, name=f"Free {tag}", mail=f"f@{tag}.example")
    one = bring().upload(f"name,email,next step,next step due\nWhole {tag},w@{tag}.example,Call,2031-05-06\nHalf {tag},h@{tag}.example,Call,\n", kind="leads").check()
    assert one.said() == [(3, 2, "next_step_needs_day")] and one.run().counts["created"] == 1
    assert (leads(office, tag)["Whole"].next_step, str(leads(office, tag)["Whole"].next_step_on)) == ("Call", "2031-05-06")
    again = bring().upload(f"email,next step\np@{tag}.example,Visit\nf@{tag}.example,Visit\n", kind="leads").choose(mode="update").check()
    assert again.said() == [(3, 1, "next_step_needs_day")] and again.run().counts["updated"] == 1
    assert leads(office, tag)["Planned"].next_step == "Visit"


def test_a_known_address_changes_its_lead_and_a_file_judges_nobody(bring, office, tag):
    with office.ctx() as ctx:
        actions.create_lead(ctx, name=f"Ana {tag}", mail=f"ana@{tag}.example", city="Kiel")
    one = bring().upload(f"email,company,city,state\nANA@{tag}.example,Acme,,new\n", kind="leads").choose(mode="update").check()
    assert one.counts == {"update": 1} and one.run().counts == {"updated": 1}
    ana = leads(office, tag)["Ana"]
    assert (ana.company, ana.city, ana.state) == ("Acme", "Kiel", "new")
    again = bring().upload(f"email,state\nana@{tag}.example,accepted\n", kind="leads").choose(mode="update").check()
    assert again.said() == [(2, 1, "lead_state_kept")]
    twice = bring().upload(f"name,email\nAna {tag},ana@{tag}.example\n", kind="leads").check()
    assert twice.counts == {"duplicate": 1}
    assert one.undo().counts["undone"] == 1 and leads(office, tag)["Ana"].company is None


@pytest.mark.parametrize(("column", "cell", "code"), [
    ("state", "converted", "lead_not_converted_so"), ("state", "returned", "lead_reason_needed"), ("state", "asleep", "unknown_value"), ("reason", "other", "lead_note_needed"), ("owner", "Nobody", "no_such_user"),
    ("email", "no mail", "not_a_mail"), ("phone", "x", "not_a_phone"), ("times he came", "0", "not_whole"), ("message", "a\x00b", None), ("city", "a\u202eb", "control_character"),
])
def test_what_cannot_be_taken_is_named_by_line_and_column(bring, office, tag, column, cell, code):
    out = StringIO()
    csv.writer(out).writerows([["name", column], [f"Good {tag}", ""], [f"Bad {tag}", cell]])
    if code is None:
        with pytest.raises(Refused, match="file_"):
            bring().upload(out.getvalue(), kind="leads")
        return
    one = bring().upload(out.getvalue(), kind="leads").check()
    assert one.said() == [(3, 1, code)] and one.run().counts == {"created": 1, "failed": 1} and leads(office, tag).keys() == {"Good"}
    with office.ctx() as ctx:
        assert [row.line for row in results.results(ctx, queries.one(ctx, one.id), only="failed")] == [3]


def test_a_row_that_names_nobody_is_refused_and_a_file_without_such_a_column(bring, tag):
    assert bring().upload(f"name,company,city\n,,Kiel\nA {tag},,\n", kind="leads").check().said() == [(2, 0, "required")]
    with pytest.raises(Refused, match="import_needs_lead"):
        bring().upload("city\nKiel\n", kind="leads").choose()


@pytest.mark.parametrize("shape", [Shape(), Shape("xlsx"), Shape(names=True)])
def test_what_the_export_says_comes_in_elsewhere(app, shape):
    full, empty = House(f"lf{uuid4().hex[:6]}"), House(f"le{uuid4().hex[:6]}")
    content = "External id,Name,Company,Email,Phone,City,Interested in,Message,Source,Campaign,Owner,State,Reason,Reason in words,Notes\n"
    content += f"L1,Ana,Acme,ana@x.example,+34 600 111 222,Kiel,Drills,\"two\nlines\",form,Fair,{full.users['rep'].name},Ruled out,Another reason,Too far,n\nL2,Bo,,,,,,,,,,,,,\n"
    Import(full).upload(content, kind="leads").check().run()

    def out(house, shape):
        file = BytesIO()
        with house.ctx() as ctx:
            write(ctx, Wanted("leads", shape=shape), file)
        return file.getvalue()

    one = Import(empty).upload(out(full, shape), kind="leads", name="l.xlsx" if shape.format == "xlsx" else "l.csv").check()
    assert one.said() == [] and one.run().counts == {"created": 2}
    away = {"created_at", "updated_at"}
    rows = [[{name: value for name, value in row.items() if name not in away and not name.startswith(("first_touch", "last_touch", "added", "converted"))} for row in csv.DictReader(StringIO(out(house, Shape(names=True)).decode("utf-8-sig")))] for house in (full, empty)]
    assert [{name: row[name] for name in ("external_id", "name", "company", "mail", "phone", "city", "interest", "message", "source", "campaign", "owner_id", "state", "reason", "reason_note", "notes")} for row in rows[1]] == [
        {name: row[name] for name in ("external_id", "name", "company", "mail", "phone", "city", "interest", "message", "source", "campaign", "owner_id", "state", "reason", "reason_note", "notes")} for row in rows[0]
    ]
    with empty.ctx() as ctx:
        assert ctx.session.execute(select(func.count()).select_from(Lead).where(*leads_where(ctx, Filters(brought=str(one.id))))).scalar_one() == 2


@pytest.mark.parametrize("content,mapping", [
    ("Name,City,State,Zip\nAnn,Reno,NV,89501\n", ["name", "city", "custom", "postcode"]),
    ("Nombre,Ciudad,País,Estado\nAna,Lugo,España,Galicia\n", ["name", "city", "country", "custom"]),
    ("Name,Country,State,Status\nAnn,US,NV,new\n", ["name", "country", "custom", "state"]),
    ("Name,State\nAnn,asleep\n", ["name", "state"]),
    ("Name,City,State,Reason\nAnn,Reno,Returned,No budget\n", ["name", "city", "state", "reason"]),
    ("Name,City,State\nAnn,Reno,\n", ["name", "city", "state"]),
])
def test_the_cells_tell_whether_a_state_is_where_he_lives_or_what_became_of_him(bring, content, mapping):
    assert bring().upload(content, kind="leads").row.mapping == mapping


def test_a_list_of_leads_is_read_in_what_lists_of_contacts_are_called(bring):
    german = "Vorname;Name;Firma;Funktion;E-Mail-Adresse;Handy;PLZ;Ort;Land;Quelle;Betreuer;Bemerkungen\nAda;Vogel;Acme;Leitung;ada@example.test;030 12345;10115;Berlin;Deutschland;Messe;;neu\n"
    assert bring().upload(german, kind="leads").row.mapping == ["first_name", "last_name", "company", "job_title", "mail", "phone", "postcode", "city", "country", "source", "owner_id", "notes"]
    assert bring().upload("Lead name,Mobile,Lead owner,Lead ID\nAda,1,,7\n", kind="leads").row.mapping == ["name", "phone", "owner_id", "external_id"]
