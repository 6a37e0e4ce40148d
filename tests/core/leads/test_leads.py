"""Leads from the door to their end: who comes in, who is known already, what a return needs, and what the database holds to."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from core.base.errors import Conflict, Forbidden, NotFound, Refused
from core.base.facts import timeline
from core.custom_fields import actions as defining
from core.leads import actions, judging, known, queries
from core.leads.models import Lead
from core.parties import actions as parties
from core.views.filtering import Filters

NOBODY = UUID("7a1f0c52-6f0e-4c0b-9d7e-3b8f2a5e9c11")
TOUCH = {"utm_source": "fair", "utm_campaign": "Spring", "referrer": "https://fair.example/stand", "click_id": "c-1"}


def test_who_comes_again_brings_what_was_missing(ctx):
    """Number elsewhere, notes, own fields, and a name where there was none; what is there stays."""
    defining.create_field(ctx, room="leads", kind="text", label="Region", key="region")
    defining.create_field(ctx, room="leads", kind="text", label="Size", key="size")
    first = actions.capture(ctx, mail="ada@lace.example", **{"custom.size": "small"})
    again = actions.capture(ctx, company="Lace Works", mail="ada@lace.example", external_id="N-1", notes="Knows Ben", **{"custom.region": "North", "custom.size": "large"})
    assert again.id == first.id and (again.external_id, again.notes, again.name) == ("N-1", "Knows Ben", "Lace Works")
    assert again.custom == {"size": "small", "region": "North"}
    third = actions.capture(ctx, name="Ada Lace", company="Others", mail="ada@lace.example", external_id="N-2", notes="Else")
    assert (third.id, third.name, third.company, third.external_id, third.notes) == (first.id, "Ada Lace", "Lace Works", "N-1", "Knows Ben")
    assert actions.capture(ctx, name="Somebody", mail="ada@lace.example").name == "Ada Lace"


def test_who_comes_again_brings_no_number_that_another_has(ctx):
    actions.create_lead(ctx, name="Other", external_id="N-9")
    actions.capture(ctx, name="Ada", mail="ada@lace.example")
    with pytest.raises(Refused) as refused:
        actions.capture(ctx, mail="ada@lace.example", external_id="N-9")
    assert refused.value.code == "external_id_taken"


@pytest.mark.parametrize(("given", "name"), [({"name": "Ada"}, "Ada"), ({"company": "Nordlicht"}, "Nordlicht"), ({"mail": "a@b.example"}, "a@b.example")])
def test_a_name_a_company_or_a_mail_is_enough(ctx, given, name):
    lead = actions.create_lead(ctx, **given)
    assert (lead.name, lead.state, lead.owner_id, lead.touches) == (name, "new", ctx.actor.id, 1)


@pytest.mark.parametrize(("given", "code"), [
    ({}, "lead_nameless"), ({"name": "Ada", "mail": "no"}, "not_a_mail"), ({"name": "Ada", "phone": "x"}, "not_a_phone"), ({"name": "Ada", "owner_id": NOBODY}, "owner_unknown"),
    ({"name": "Ada", "colour": "red"}, "unknown_field"), ({"name": "Ada", "touch": {"colour": "red"}}, "touch_unknown"),
])
def test_what_no_lead_can_say_is_refused(ctx, given, code):
    with pytest.raises(Refused) as refused:
        actions.create_lead(ctx, **given)
    assert refused.value.code == code


def test_who_comes_again_is_one_lead_with_a_first_and_a_last_touch(ctx):
    lead = actions.capture(ctx, name="Ada", mail="Ada@Lace.example", message="Trays?", source="form", touch=TOUCH)
    assert (lead.owner_id, lead.campaign, lead.source) == (None, "Spring", "form")
    again = actions.capture(ctx, name="A. Lace", mail="ada@lace.example", phone="+49 40 1234", message="And ovens", source="api", touch={"utm_source": "news"})
    assert again.id == lead.id and again.touches == 2 and again.message == "Trays?\n\nAnd ovens" and again.phone == "+49 40 1234" and again.name == "Ada"
    assert (again.first_touch["utm_source"], again.last_touch["utm_source"], again.source) == ("fair", "news", "form")
    kinds = [row.kind for row in ctx.session.execute(timeline(lead.id, limit=9)).scalars()]
    assert kinds == ["lead.came_again", "lead.came"]
    judging.judge(ctx, lead, "disqualified", reason="no_need")
    assert actions.capture(ctx, mail="ada@lace.example").id != lead.id


def test_nobody_learns_of_a_lead_that_he_does_not_see_by_bringing_its_mail(ctx, as_, shared_house):
    with shared_house.ctx("owner") as owner:
        hidden = actions.create_lead(owner, name="Hidden", mail="hidden@lace.example")
        hidden_id = hidden.id
    rep = as_("rep")
    mine = actions.capture(rep, name="Mine", mail="hidden@lace.example")
    assert mine.id != hidden_id and mine.name == "Mine"
    with pytest.raises(NotFound):
        queries.one_lead(rep, hidden_id)


def test_an_end_without_a_reason_is_refused_also_by_the_database(ctx):
    lead = actions.create_lead(ctx, name="Ada")
    for state in ("returned", "disqualified"):
        with pytest.raises(Refused) as refused:
            judging.judge(ctx, lead, state)
        assert refused.value.code == "lead_reason_needed"
        with pytest.raises(IntegrityError), ctx.session.begin_nested():
            ctx.session.execute(text("UPDATE lead SET state = :state WHERE id = :id"), {"id": lead.id, "state": state})
    with pytest.raises(Refused) as refused:
        judging.judge(ctx, lead, "returned", reason="other")
    assert refused.value.code == "lead_note_needed"
    judging.judge(ctx, lead, "returned", reason="other", note="Student")
    with pytest.raises(IntegrityError), ctx.session.begin_nested():
        ctx.session.execute(text("UPDATE lead SET state = 'converted' WHERE id = :id"), {"id": lead.id})


def test_who_accepts_takes_and_who_returns_gives_back(ctx):
    lead = actions.capture(ctx, name="Ada")
    judging.judge(ctx, lead, "accepted", version=lead.version)
    assert lead.owner_id == ctx.actor.id
    judging.judge(ctx, lead, "returned", reason="no_budget")
    assert (lead.owner_id, lead.reason) == (None, "no_budget")
    with pytest.raises(Conflict):
        judging.judge(ctx, lead, "accepted", version=lead.version - 1)
    judging.put_back(ctx, lead, version=lead.version)
    assert (lead.state, lead.owner_id) == ("accepted", ctx.actor.id)
    for version in (lead.version - 1, lead.version):  # changed since; and the second undo of one judgement
        with pytest.raises(Conflict):
            judging.put_back(ctx, lead, version=version)
    with pytest.raises(Refused):
        judging.judge(ctx, lead, "converted")


def test_an_undo_puts_back_the_reason_before_and_since_when(ctx):
    at = lambda days: replace(ctx, now=ctx.now + timedelta(days=days))  # noqa: E731
    lead = actions.create_lead(ctx, name="Ada")
    judging.judge(at(1), lead, "returned", reason="other", note="Ask in spring")
    since = lead.state_since
    judging.judge(at(2), lead, "disqualified", reason="spam")
    judging.put_back(at(3), lead, version=lead.version)
    assert (lead.state, lead.reason, lead.reason_note, lead.state_since) == ("returned", "other", "Ask in spring", since)
    judging.judge(at(4), lead, "working")
    judging.judge(at(5), lead, "returned", reason="no_need")
    judging.put_back(at(6), lead, version=lead.version)
    assert (lead.state, lead.reason, lead.reason_note, lead.state_since) == ("working", "other", "Ask in spring", at(4).now)


def test_the_inbox_is_everybodys_and_a_colleagues_lead_is_not(as_, shared_house):
    with shared_house.ctx("owner") as owner:
        free, his = actions.create_lead(owner, name="Free", owner_id=None).id, actions.create_lead(owner, name="His").id
    rep = as_("rep")
    assert queries.one_lead(rep, free).name == "Free"
    with pytest.raises(NotFound):
        queries.one_lead(rep, his)
    assert {row.id for row in queries.leads(rep, Filters(owner="pool")).rows} >= {free}
    with pytest.raises(Forbidden):
        judging.judge(as_("reader"), queries.one_lead(as_("reader"), free), "accepted")


def test_who_is_known_is_said_by_the_one_duplicate_call(ctx):
    account = parties.create_account(ctx, name="Lace Works GmbH")
    contact = parties.create_contact(ctx, name="Ada Lace", mail="ada@lace.example", account_id=None)
    ctx.session.flush()
    other = actions.create_lead(ctx, name="Ada L.", mail="ada@lace.example")
    found = known.likely(ctx, actions.create_lead(ctx, name="Ada Lace", company="Lace Works", mail="ada@lace.example"))
    assert found.contacts[0].id == contact.id and found.accounts[0].id == account.id and [one.id for one in found.leads] == [other.id]


def test_sources_are_counted(ctx):
    for state in ("accepted", "returned", None):
        lead = actions.create_lead(ctx, name="Ada", source="fair-x", campaign="Spring")
        if state:
            judging.judge(ctx, lead, state, reason="spam")
    row = next(row for row in queries.by_source(ctx) if row.source == "fair-x")
    assert (row.campaign, row.came, row.accepted, row.returned, row.converted) == ("Spring", 3, 1, 1, 0)


def test_search_finds_by_company_and_mail(ctx):
    lead = actions.create_lead(ctx, name="Ada", company="Zwirnerei Süd", mail="ada@zwirn.example")
    assert [row.id for row in queries.leads(ctx, Filters(search="zwirnerei sud")).rows] == [lead.id]
    assert [row.id for row in queries.leads(ctx, Filters(search="zwirn.example")).rows] == [lead.id]
    assert [row.id for row in queries.leads(ctx, Filters(where=(("state", "eq", "new"), ("company", "eq", "Zwirnerei Süd")))).rows] == [lead.id]
    assert ctx.session.execute(select(Lead.sought).where(Lead.id == lead.id)).scalar_one() == "ada zwirnerei sud ada@zwirn.example"
