"""What a person's data rest on is said by hand, with source and day; what was said before stays to be read."""

import csv
import io
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.audit.models import AuditEntry
from core.base.errors import Forbidden, NotFound, Refused
from core.base.facts import Fact
from core.consent import bases, ledger
from tests.core.consent.test_ledger import person, purpose, says


def set_(ctx, contact, basis="contract", source="paper", **more):
    row = bases.set_basis(ctx, contact, basis=basis, source=source, **more)
    ctx.session.flush()
    return row


def eyes_of(as_, ctx, who):
    """The same transaction, with all that was written in it, looked at by somebody else."""
    return replace(ctx, actor=as_(who).actor)


def held(ctx, contact, *, running=False):
    found = bases.beside_purposes(ctx, contact)[1] if running else bases.bases_of(ctx, contact)
    return [(row.basis, purpose) for row, purpose in found]


def test_a_new_basis_ends_the_one_before_for_the_same_and_leaves_others(ctx):
    anna, news = person(ctx), purpose(ctx)
    first = set_(ctx, anna, "contract", since=ctx.today - timedelta(days=30), note="No. 7")
    set_(ctx, anna, "consent", purpose_id=news.id)
    set_(ctx, anna, "legal_duty", since=ctx.today - timedelta(days=2))
    assert sorted(held(ctx, anna, running=True), key=str) == sorted([("legal_duty", None), ("consent", news.name)], key=str)
    assert first.ended_on == ctx.today - timedelta(days=2) and ("contract", None) in held(ctx, anna)


def test_a_basis_set_for_an_earlier_day_does_not_end_another_before_it_began(ctx):
    anna = person(ctx)
    first = set_(ctx, anna, "contract")
    set_(ctx, anna, "vital_interest", since=ctx.today - timedelta(days=9))
    assert first.ended_on == first.since == ctx.today


def test_it_is_ended_once(ctx):
    anna = person(ctx)
    row = set_(ctx, anna)
    bases.end_basis(ctx, row)
    assert held(ctx, anna, running=True) == [] and row.ended_on == ctx.today
    with pytest.raises(Refused, match="basis_ended"):
        bases.end_basis(ctx, row)


@pytest.mark.parametrize("wrong", [{"basis": "whim"}, {"source": "rumour"}, {"purpose_id": uuid4()}, {"since": "tomorrow"}], ids=["basis", "source", "purpose", "a day to come"])
def test_what_is_wrong_is_refused(ctx, wrong):
    wrong = {name: ctx.today + timedelta(days=1) if value == "tomorrow" else value for name, value in wrong.items()}
    with pytest.raises(Refused):
        set_(ctx, person(ctx), **wrong)


def test_who_set_what_when_stands_on_the_timeline_and_in_the_audit(ctx):
    anna = person(ctx)
    row = set_(ctx, anna, note="No. 7")
    bases.end_basis(ctx, row)
    assert ctx.session.execute(select(Fact.kind).where(Fact.subject_id == anna.id).order_by(Fact.id)).scalars().all() == ["basis.set", "basis.ended"]
    entries = ctx.session.execute(select(AuditEntry.action, AuditEntry.actor_id).where(AuditEntry.row_id == row.id).order_by(AuditEntry.id)).all()
    assert entries == [("insert", ctx.actor.id), ("update", ctx.actor.id)]


def test_who_may_not_is_refused_and_a_person_unseen_is_not_there(as_, ctx, shared_house):
    mine, foreign = person(ctx, owner_id=shared_house.users["rep"].id), person(ctx, owner_id=shared_house.users["manager"].id)
    row = set_(ctx, foreign)
    rep = eyes_of(as_, ctx, "rep")
    for attempt in (lambda: set_(rep, foreign), lambda: bases.bases_of(rep, foreign), lambda: bases.one_basis(rep, row.id), lambda: bases.end_basis(rep, row)):
        with pytest.raises(NotFound):
            attempt()
    assert bases.one_basis(rep, set_(rep, mine).id)
    with pytest.raises(Forbidden):
        set_(eyes_of(as_, ctx, "reader"), mine)


def lines(ctx):
    file = io.StringIO()
    ledger.take_out(ctx, file)
    head, *found = csv.reader(io.StringIO(file.getvalue().removeprefix("\ufeff")))
    return [dict(zip(head, row, strict=True)) for row in found]


def test_the_ledger_is_taken_out_with_who_when_and_the_words_of_then(ctx):
    anna, news = person(ctx, language="en"), purpose(ctx, said="May we write to you?", lang="en")
    says(ctx, anna, news, True, proof="=cmd", ip="192.0.2.1")
    from core.consent import recording

    recording.word(ctx, news, "May we write each week?", "en")
    says(ctx, anna, news, False, "phone")
    given, back = [one for one in lines(ctx) if one["Purpose"] == news.name]
    assert (given["Name"], given["Mail"], given["What the person said"], given["How it came"], given["Version"]) == (anna.name, anna.mail, "Agrees", "Web form", "1")
    assert (given["What people are asked"], given["Proof"], given["Network address"], given["Written down by"]) == ("May we write to you?", "'=cmd", "192.0.2.1", ctx.actor.name)
    assert given["When"].startswith(str(ctx.today.year)) and back["What the person said"] == "Takes it back"
    assert ctx.session.execute(select(Fact.params).where(Fact.kind == "consents.taken_out").order_by(Fact.id.desc()).limit(1)).scalar_one()["rows"] >= 2


def test_the_ledger_holds_nobody_whom_its_reader_does_not_see(as_, ctx, shared_house):
    foreign, news = person(ctx, owner_id=shared_house.users["manager"].id), purpose(ctx)
    says(ctx, foreign, news, True)
    rep = eyes_of(as_, ctx, "rep")
    with pytest.raises(Forbidden):
        lines(rep)
    officer = replace(rep, actor=replace(rep.actor, permissions=rep.actor.permissions | {"consents.manage"}))
    blind = replace(officer, actor=replace(officer.actor, permissions=officer.actor.permissions - {"contacts.read"}))
    with pytest.raises(Forbidden):
        lines(blind)
    assert [one for one in lines(officer) if one["Purpose"] == news.name] == [] and [one for one in lines(ctx) if one["Purpose"] == news.name]
