"""The consent ledger: nothing is changed, a withdrawal is a further line, and mailings ask it."""

from uuid import uuid4

import pytest
from sqlalchemy import delete, select, text

from core.base.errors import Forbidden, NotFound, Refused
from core.consent import queries, recording
from core.consent.models import Consent
from core.mailings import audience, drafting, running, unsubscribing
from core.mailings.models import MailingRecipient
from core.parties.models import Contact


def person(ctx, name="Anna Bell", **given):
    mail = f"{uuid4().hex[:8]}@people.example"
    contact = Contact(name=name, mail=mail, mail_norm=mail, **given)
    ctx.session.add(contact)
    ctx.session.flush()
    return contact


def purpose(ctx, **given):
    found = recording.add_purpose(ctx, name=f"News {uuid4().hex[:6]}", **given)
    ctx.session.flush()
    return found


def says(ctx, contact, what, given, source="form", **more):
    return recording.record_consent(ctx, contact, what.id, given=given, source=source, **more)


def stands(ctx, contact):
    return {row.purpose_id: row.given for row in queries.standing(ctx, contact)}


def test_what_stands_is_the_newest_line_and_every_line_stays(ctx):
    anna, news = person(ctx), purpose(ctx)
    says(ctx, anna, news, True)
    says(ctx, anna, news, False, "phone")
    assert stands(ctx, anna) == {news.id: False}
    assert [line.Consent.given for line in queries.history(ctx, anna)] == [False, True]


@pytest.mark.parametrize("statement", ["UPDATE consent SET given = true", "DELETE FROM consent", "UPDATE consent_wording SET said = 'x'", "DELETE FROM consent_wording"])
def test_the_database_lets_nobody_change_a_line(ctx, statement):
    with pytest.raises(Exception, match="permission denied"), ctx.session.begin_nested():
        ctx.session.execute(text(statement))


def test_whoever_agreed_agreed_to_the_words_of_then(ctx):
    anna, news = person(ctx, language="en"), purpose(ctx, said="May we write to you?", lang="en")
    first = says(ctx, anna, news, True)
    recording.word(ctx, news, "May we write to you each week?", "en")
    second = says(ctx, anna, news, True)
    assert [line.number for line in queries.history(ctx, anna)] == [2, 1] and first.wording_id != second.wording_id


def test_nothing_new_is_agreed_to_what_has_ended_but_it_can_be_taken_back(ctx):
    anna, news = person(ctx), purpose(ctx)
    says(ctx, anna, news, True)
    recording.end_purpose(ctx, news)
    with pytest.raises(Refused, match="purpose_over"):
        says(ctx, anna, news, True)
    says(ctx, anna, news, False)
    assert stands(ctx, anna) == {news.id: False}


def test_a_purpose_is_there_once_and_the_usual_four_are_added_once(ctx):
    assert recording.add_usual(ctx) + recording.add_usual(ctx) == 4
    name = queries.purposes(ctx)[0].name
    with pytest.raises(Refused, match="purpose_exists"):
        recording.add_purpose(ctx, name=name.upper())


def test_who_may_not_is_refused_and_a_person_unseen_is_not_there(as_, ctx, shared_house):
    foreign = person(ctx, owner_id=shared_house.users["manager"].id)
    key = purpose(ctx)
    reader = as_("reader")
    with pytest.raises((Forbidden, NotFound)):
        recording.record_consent(reader, foreign, key.id, given=True, source="form")
    with pytest.raises(NotFound):
        queries.standing(as_("rep"), foreign)


def test_a_mailing_that_needs_consent_goes_to_those_who_stand_by_it(ctx):
    tag, news = uuid4().hex[:6], purpose(ctx)
    yes, no, never, back = (person(ctx, name, tags=[tag]) for name in ("Yes", "No", "Never", "Back"))
    for contact, lines in ((yes, [True]), (no, [True, False]), (back, [False, True])):
        for given in lines:
            says(ctx, contact, news, given)
    assert audience.count(ctx, "any", [tag]) == 4 and audience.count(ctx, "any", [tag], news.id) == 2
    mailing = drafting.draft_mailing(ctx, subject="News", body="Hello", tags=[tag], needs_consent_id=str(news.id))
    ctx.session.flush()
    running.start_mailing(ctx, mailing.id)
    got = set(ctx.session.execute(select(MailingRecipient.contact_id).where(MailingRecipient.mailing_id == mailing.id)).scalars())
    assert got == {yes.id, back.id}


def test_an_unknown_purpose_is_refused(ctx):
    for wrong in (uuid4(), "x"):
        with pytest.raises(Refused, match="unknown_value"):
            drafting.draft_mailing(ctx, subject="News", body="Hello", needs_consent_id=wrong)


def test_leaving_by_the_link_is_a_line_of_the_ledger(ctx):
    anna, tag, news = person(ctx, tags=["leaves"]), "leaves", purpose(ctx)
    says(ctx, anna, news, True)
    mailing = drafting.draft_mailing(ctx, subject="News", body="Hello", tags=[tag])
    ctx.session.flush()
    running.start_mailing(ctx, mailing.id)
    recipient = ctx.session.execute(select(MailingRecipient).where(MailingRecipient.contact_id == anna.id)).scalar_one()
    link = unsubscribing.link_for(ctx, recipient.address, recipient.id)
    assert unsubscribing.unsubscribe(ctx, unsubscribing.make_token(ctx.tenant, link))
    assert stands(ctx, anna) == {news.id: False} and queries.history(ctx, anna)[0].Consent.source == "link"
    assert audience.count(ctx, "any", [tag], news.id) == 0


def test_who_takes_it_back_under_way_gets_nothing(ctx):
    from core.mailings import sending

    anna, news = person(ctx, tags=["way"]), purpose(ctx)
    says(ctx, anna, news, True)
    mailing = drafting.draft_mailing(ctx, subject="News", body="Hello", tags=["way"], needs_consent_id=news.id)
    ctx.session.flush()
    running.start_mailing(ctx, mailing.id)
    says(ctx, anna, news, False)
    [held] = sending.claim(ctx, mailing.id, limit=10)
    assert sending.intend(ctx, held, "<1@x>") == "skip"
    assert ctx.session.execute(select(MailingRecipient.reason).where(MailingRecipient.id == held.id)).scalar_one() == "no_consent"


def test_lines_of_one_tenant_are_not_the_others(world):
    """The hash of an address is keyed by the tenant."""
    from core.post.queries import hash_of

    with world.acme.ctx() as one, world.globex.ctx() as other:
        assert hash_of(one, "a@b.example") != hash_of(other, "a@b.example")


def test_all_is_taken_back_at_once(ctx):
    anna = person(ctx)
    for what in (purpose(ctx), purpose(ctx)):
        says(ctx, anna, what, True)
    assert recording.withdraw_all(ctx, anna, source="mail") == 2 and set(stands(ctx, anna).values()) == {False}


def test_the_line_outlives_the_contact(ctx):
    anna, news = person(ctx), purpose(ctx)
    line = says(ctx, anna, news, True)
    ctx.session.execute(delete(Contact).where(Contact.id == anna.id))
    ctx.session.refresh(line)
    assert line.contact_id is None and line.address_hash and ctx.session.get(Consent, line.id).given
