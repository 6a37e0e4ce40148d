"""What strangers send by web forms: it becomes a lead, waits for their word, or is held back for a person; nothing is lost."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.audit.models import AuditEntry
from core.base.errors import Forbidden, NotFound, Refused, errors_of
from core.base.facts import timeline
from core.consent import recording
from core.consent.models import Consent
from core.consent.queries import standing as agreed_of
from core.custom_fields import actions as defining
from core.identity.models import User
from core.intake import deciding, forms, links, receiving, rules
from core.intake.models import Enquiry, WebForm
from core.intake.rules import LONGEST, MOST_LETTERS, OFTEN_WITHIN, SOONEST
from core.intake.standing import standing
from core.intake.words import HELD_LABELS, HELD_NUMBERS
from core.leads import assigning, converting
from core.leads.models import Lead
from core.notifications.models import Notification
from core.parties import actions as parties
from core.parties.models import Contact
from core.post.actions import suppress
from core.post.models import OutgoingMail
from core.post.queries import hash_of
from infra import i18n
from tenants import entry
from tests.support.intake import FIELDS, TEXTS, as_stranger, build, sent
from tests.support.statements import counted
from tests.support.world import House


@pytest.fixture(scope="module")
def house(app):
    return House(f"in-{uuid4().hex[:8]}")


def of(house, key):
    with house.ctx() as ctx:
        found = ctx.session.get_one(Enquiry, key)
        lead = ctx.session.get(Lead, found.lead_id) if found.lead_id else None
        ctx.session.expunge_all()
        return found, lead


def letters(house, key):
    with house.ctx() as ctx:
        return [(one.template, one.lang) for one in ctx.session.execute(select(OutgoingMail).where(OutgoingMail.about_id == key).order_by(OutgoingMail.id)).scalars()]


def test_what_a_stranger_sends_becomes_a_lead_with_where_he_came_from(house):
    _, code = build(house, source="Website", campaign="Spring", lead_owner_id=house.users["rep"].id)
    key = sent(house, code, lang="es", touch={"utm_source": "fair", "click_id": "c1", "other": "x"})
    enquiry, lead = of(house, key)
    assert (enquiry.state, lead.name, lead.source, lead.campaign, lead.owner_id, lead.language) == ("taken", "Ada Lace", "Website", "Spring", house.users["rep"].id, "es")
    assert (lead.first_touch["utm_source"], lead.last_touch["click_id"], "other" in lead.first_touch) == ("fair", "c1", False)
    assert letters(house, key) == [("enquiry_received", "es")]


def test_whoever_writes_again_is_the_same_lead(house):
    _, code = build(house)
    mail = f"again-{uuid4().hex[:6]}@people.example"
    first, second = (of(house, sent(house, code, given={"mail": mail, "message": text}))[1] for text in ("One", "Two"))
    assert first.id == second.id and second.touches == 2 and "One" in second.message and "Two" in second.message


@pytest.mark.parametrize(("reason", "how"), [
    ("trap", {"trap": "https://spam.example"}), ("no_stamp", {"stamp": ""}), ("no_stamp", {"stamp": "1700000000.word.forged"}), ("fast", {"seconds": 1}), ("old", {"seconds": 3 * 86400}), ("often", {"often": lambda: True}),
    ("links", {"given": {"message": "http://a http://b http://c http://d"}}),
])
def test_what_looks_like_spam_is_held_back_with_its_reason_and_nobody_is_written_to(house, reason, how):
    _, code = build(house)
    key = sent(house, code, **how)
    enquiry, lead = of(house, key)
    assert (enquiry.state, enquiry.held_for, lead, letters(house, key)) == ("held", reason, None, [])
    assert enquiry.said["name"] == "Ada Lace", "what was written is kept"


@pytest.mark.parametrize("lang", i18n.LANGUAGES)
def test_why_one_is_held_is_told_with_the_numbers_of_the_rules(lang):
    said = {why: i18n.gettext(lang, text, **HELD_NUMBERS.get(why, {})) for why, text in HELD_LABELS.items()}
    assert not [text for text in said.values() if "%" in text]
    assert all(str(number) in said[why] for why, number in {"fast": SOONEST.seconds, "old": LONGEST.days, "often": OFTEN_WITHIN.seconds // 60, "letters": MOST_LETTERS}.items())


def test_another_forms_stamp_and_another_tenants_are_none(house):
    form, _ = build(house)
    other, _ = build(house)
    far = House(f"in-{uuid4().hex[:8]}")
    with as_stranger(house) as ctx:
        mine = links.stamp(ctx, form)
        assert links.read_stamp(ctx, form, mine)[0] is not None and links.read_stamp(ctx, other, mine) == (None, "")
    with as_stranger(far) as ctx:
        assert links.read_stamp(ctx, form, mine) == (None, "")


def test_the_same_page_sent_twice_is_one_and_with_other_content_it_is_held(house):
    form, code = build(house)
    with as_stranger(house, now=entry.utcnow() - timedelta(seconds=30)) as ctx:
        stamp = links.stamp(ctx, form)
    given = {"name": "Twice", "mail": f"twice-{uuid4().hex[:6]}@people.example", "message": "Same"}
    first, second = (sent(house, code, stamp=stamp, given=given) for _ in range(2))
    third = sent(house, code, stamp=stamp, given=given | {"message": "Buy pills"})
    assert first == second and of(house, first)[1].touches == 1 and letters(house, first) == [("enquiry_received", "en")]
    assert (of(house, third)[0].state, of(house, third)[0].held_for) == ("held", "replayed")


def test_a_person_lets_in_what_was_held_and_throws_away_what_is_spam(house):
    _, code = build(house)
    good, bad = sent(house, code, seconds=1), sent(house, code, trap="x")
    with house.ctx("manager") as ctx:
        assert {good, bad} <= {row.Enquiry.id for row in deciding.enquiries(ctx)}
        assert deciding.let_in(ctx, deciding.one_enquiry(ctx, good))
        deciding.discard(ctx, deciding.one_enquiry(ctx, bad))
        assert ctx.actor.id == house.users["manager"].id
    assert of(house, good)[0].state == "taken" and of(house, good)[1].name == "Ada Lace" and letters(house, good) == [("enquiry_received", "en")]
    with house.ctx("manager") as ctx:
        with pytest.raises(NotFound):
            deciding.one_enquiry(ctx, good)
        deciding.bring_back(ctx, deciding.one_enquiry(ctx, bad))
        with pytest.raises(Refused):
            deciding.bring_back(ctx, deciding.one_enquiry(ctx, bad))
    assert (of(house, bad)[0].state, of(house, bad)[0].held_for) == ("held", "trap")
    with house.ctx("rep") as ctx, pytest.raises(Forbidden):
        deciding.enquiries(ctx)


def test_before_his_word_there_is_no_lead_and_after_it_one(house):
    _, code = build(house, confirmed="before")
    key = sent(house, code)
    assert of(house, key)[0].state == "waiting" and of(house, key)[1] is None and letters(house, key) == [("enquiry_confirm", "en")]
    for _ in range(2):
        with as_stranger(house) as ctx:
            receiving.confirm(ctx, links.token(ctx, key, links.CONFIRM))
    enquiry, lead = of(house, key)
    assert enquiry.state == "taken" and enquiry.confirmed_at and lead.touches == 1
    assert letters(house, key) == [("enquiry_confirm", "en"), ("enquiry_received", "en")]


def change(house, key, **given):
    with house.ctx() as ctx:
        forms.save_form(ctx, forms.one_form(ctx, key), **given)


def consents(house, purpose):
    with house.ctx() as ctx:
        return [(one.given, one.wording_id, one.created_at) for one in ctx.session.execute(select(Consent).where(Consent.purpose_id == purpose).order_by(Consent.created_at)).scalars()]


def new_purpose(house):
    """(key, key of its wording)."""
    with house.ctx() as ctx:
        purpose = recording.add_purpose(ctx, name=f"News {uuid4().hex[:6]}", said="Write me.", lang="en")
        ctx.session.flush()
        return purpose.id, recording.word(ctx, purpose, "Write me now and then.", "en").id


def facts_of(house, lead):
    with house.ctx() as ctx:
        return [one.kind for one in ctx.session.execute(timeline(lead.id)).scalars()]


def let_in(house, key):
    with house.ctx("manager") as ctx:
        return deciding.let_in(ctx, deciding.one_enquiry(ctx, key))


def test_a_form_with_confirmation_asks_for_the_mail_address_and_needs_it(house):
    unasked, optional = [FIELDS[0]], [FIELDS[0], FIELDS[2] | {"needed": False}]
    for fields in (unasked, optional):
        with pytest.raises(Refused) as found:
            build(house, fields=fields, confirmed="after")
        assert (found.value.code, found.value.field) == ("form_unconfirmable", "confirmed")
    form, _ = build(house, fields=optional)
    for given in ({"confirmed": "before"}, {"confirmed": "before", "fields": unasked}):
        with pytest.raises(Refused):
            change(house, form, **given)
    change(house, form, confirmed="before", fields=FIELDS)


@pytest.mark.parametrize("wanted", ["before", "after"])
def test_without_a_mail_address_nobody_passes_a_confirmation(house, wanted):
    """Forms as they were saved before that was asked."""
    keys = []
    for fields in ([FIELDS[0]], [FIELDS[0], FIELDS[2] | {"needed": False}]):
        form, code = build(house, fields=fields)
        with house.ctx() as ctx:
            ctx.session.get_one(WebForm, form).confirmed = wanted
        keys.append(code)
    key = sent(house, keys[0])
    enquiry, lead = of(house, key)
    assert (enquiry.state, enquiry.held_for, lead) == ("held", "unconfirmed", None)
    with pytest.raises(Refused) as found:
        sent(house, keys[1], given={"mail": ""})
    assert (found.value.code, found.value.field) == ("required", "mail")


def test_who_was_to_confirm_is_to_confirm_whatever_the_form_says_later(house):
    purpose, wording = new_purpose(house)
    form, code = build(house, confirmed="before", purpose_id=purpose)
    waits, held, meant = sent(house, code, agreed=True), sent(house, code, agreed=True, seconds=1), sent(house, code, agreed=True)
    change(house, form, confirmed="never")
    assert let_in(house, held) and let_in(house, waits)
    assert of(house, held)[0].state == "waiting" and of(house, held)[1] is None and letters(house, held) == [("enquiry_confirm", "en")]
    assert of(house, waits)[0].state == "taken" and consents(house, purpose) == [], "a person takes him without his word, and to nothing he agreed"
    for key in (waits, held, meant):
        with as_stranger(house) as ctx:
            receiving.confirm(ctx, links.token(ctx, key, links.CONFIRM))
    assert [of(house, key)[0].state for key in (waits, held, meant)] == ["taken"] * 3 and [line[:2] for line in consents(house, purpose)] == [(True, wording)] * 3
    now_never, code = build(house, purpose_id=purpose)
    key = sent(house, code)
    change(house, now_never, confirmed="before")
    assert of(house, key)[0].wanted == "never" and of(house, sent(house, code))[0].state == "waiting"


def test_let_in_by_hand_asks_for_the_confirmation_that_the_form_asks_for(house):
    _, code = build(house, confirmed="after")
    key = sent(house, code, seconds=1)
    assert let_in(house, key) and of(house, key)[0].state == "taken" and letters(house, key) == [("enquiry_confirm", "en")]
    _, code = build(house, confirmed="before")
    key = sent(house, code, seconds=1)
    with house.ctx("manager") as ctx:
        deciding.discard(ctx, deciding.one_enquiry(ctx, key))
        deciding.bring_back(ctx, deciding.one_enquiry(ctx, key))
    assert let_in(house, key) and of(house, key)[0].state == "waiting" and letters(house, key) == [("enquiry_confirm", "en")]


def test_a_confirmation_counts_also_where_a_person_had_thrown_the_enquiry_away(house):
    purpose, wording = new_purpose(house)
    _, code = build(house, confirmed="before", purpose_id=purpose)
    key = sent(house, code, agreed=True)
    with house.ctx("manager") as ctx:
        deciding.discard(ctx, deciding.one_enquiry(ctx, key))
    with as_stranger(house) as ctx:
        receiving.confirm(ctx, links.token(ctx, key, links.CONFIRM))
    enquiry, lead = of(house, key)
    assert enquiry.state == "discarded" and lead is None and consents(house, purpose) == [] and enquiry.confirmed_at is not None
    with house.ctx("manager") as ctx:
        deciding.bring_back(ctx, deciding.one_enquiry(ctx, key))
    assert let_in(house, key) and of(house, key)[0].state == "taken" and letters(house, key) == [("enquiry_confirm", "en"), ("enquiry_received", "en")]
    assert [line[:2] for line in consents(house, purpose)] == [(True, wording)]


def test_the_link_to_the_status_does_not_confirm(house):
    _, code = build(house, confirmed="before")
    key = sent(house, code)
    with as_stranger(house) as ctx:
        shown = links.token(ctx, key)
        for wrong in (shown, shown[:-1] + ("0" if shown[-1] != "0" else "1"), "x", uuid4().hex + shown[32:]):
            with pytest.raises(NotFound):
                receiving.confirm(ctx, wrong)


def test_consent_is_written_down_with_the_words_that_were_shown_and_goes_along_to_the_contact(house):
    with house.ctx() as ctx:
        purpose = recording.add_purpose(ctx, name=f"News {uuid4().hex[:6]}", said="Write me your news.", lang="en")
        ctx.session.flush()
        wording = recording.word(ctx, purpose, "Escríbanme.", "es")
        purpose, wording = purpose.id, wording.id
    _, code = build(house, purpose_id=purpose)
    yes, no = sent(house, code, lang="es", agreed=True), sent(house, code, lang="es")
    with house.ctx() as ctx:
        mail = ctx.session.get_one(Enquiry, yes).mail_norm
        line = ctx.session.execute(select(Consent).where(Consent.address_hash == hash_of(ctx, mail))).scalar_one()
        assert (line.given, line.wording_id, line.source, line.ip, line.contact_id) == (True, wording, "form", "192.0.2.1", None)
        assert ctx.session.execute(select(Consent).where(Consent.address_hash == hash_of(ctx, ctx.session.get_one(Enquiry, no).mail_norm))).first() is None
        lead = converting.convert(ctx, ctx.session.get_one(Lead, ctx.session.get_one(Enquiry, yes).lead_id))
        stands = agreed_of(ctx, ctx.session.get_one(Contact, lead.contact_id))
        assert [(row.purpose_id, row.given) for row in stands] == [(purpose, True)]


def test_with_a_confirmation_consent_counts_from_there(house):
    with house.ctx() as ctx:
        purpose = recording.add_purpose(ctx, name=f"News {uuid4().hex[:6]}", said="Write me.", lang="en").id
    _, code = build(house, purpose_id=purpose, confirmed="after")
    key = sent(house, code, agreed=True)
    assert of(house, key)[1] is not None

    def lines():
        with house.ctx() as ctx:
            return ctx.session.execute(select(Consent.id).where(Consent.purpose_id == purpose)).all()

    assert lines() == []
    with as_stranger(house) as ctx:
        receiving.confirm(ctx, links.token(ctx, key, links.CONFIRM))
    assert len(lines()) == 1


def test_consent_is_to_what_was_agreed_whatever_the_form_asks_when_the_enquiry_is_let_in(house):
    (then, words), (now, _) = new_purpose(house), new_purpose(house)
    form, code = build(house, purpose_id=then, confirmed="after")
    sent_at = entry.utcnow() - timedelta(days=2)
    held, waits = sent(house, code, agreed=True, seconds=1, now=sent_at), sent(house, code, agreed=True, now=sent_at)
    plain, code = build(house, purpose_id=then)
    moment = sent(house, code, agreed=True, seconds=1, now=sent_at)
    for key in (form, plain):
        change(house, key, purpose_id=now)
    with house.ctx() as ctx:
        recording.word(ctx, recording.one_purpose(ctx, then), "Write me every day.", "en")
    assert let_in(house, held) and let_in(house, moment)
    assert consents(house, then) == [(True, words, sent_at)], "the moment of the agreement; the other is to be confirmed"
    for key in (held, waits):
        with as_stranger(house) as ctx:
            receiving.confirm(ctx, links.token(ctx, key, links.CONFIRM))
    assert [line[:2] for line in consents(house, then)] == [(True, words)] * 3 and consents(house, now) == []


@pytest.mark.parametrize("whose", ["address", "contact"])
def test_what_was_taken_back_since_stands_and_the_lead_says_so(house, whose):
    purpose, _ = new_purpose(house)
    _, code = build(house, purpose_id=purpose)
    mail, sent_at = f"Back-{uuid4().hex[:6]}@people.example", entry.utcnow() - timedelta(days=3)
    held, later = (sent(house, code, given={"mail": mail, "message": n}, agreed=True, seconds=1, now=at) for n, at in (("1", sent_at), ("2", sent_at + timedelta(days=2))))
    with house.ctx(now=sent_at + timedelta(days=1)) as ctx:
        if whose == "contact":
            recording.record_consent(ctx, parties.create_contact(ctx, name="Back", mail=mail), purpose, given=False, source="phone")
        else:
            ctx.session.add(Consent(address_hash=hash_of(ctx, mail.lower()), purpose_id=purpose, given=False, source="link"))
    assert let_in(house, held) and [line[0] for line in consents(house, purpose)] == [False]
    assert "enquiry.consent_taken_back" in facts_of(house, of(house, held)[1])
    assert let_in(house, later) and [line[0] for line in consents(house, purpose)] == [False, True], "he agreed anew after it"


def test_to_a_purpose_that_has_ended_nobody_agrees_and_the_lead_says_so(house):
    purpose, _ = new_purpose(house)
    _, code = build(house, purpose_id=purpose)
    held = sent(house, code, agreed=True, seconds=1)
    with house.ctx() as ctx:
        recording.end_purpose(ctx, recording.one_purpose(ctx, purpose))
    assert let_in(house, held) and consents(house, purpose) == [] and "enquiry.purpose_over" in facts_of(house, of(house, held)[1])


def test_one_address_gets_three_letters_a_day_at_most(house):
    _, code = build(house)
    mail = f"flood-{uuid4().hex[:6]}@people.example"
    keys = [sent(house, code, given={"mail": mail, "message": str(n)}) for n in range(5)]
    assert sum(len(letters(house, key)) for key in keys) == 3 and all(of(house, key)[1] is not None for key in keys)


def test_who_gets_no_letter_any_more_is_held_and_asked_once_a_person_says_so(house):
    form, code = build(house, confirmed="before")
    mail = f"flood-{uuid4().hex[:6]}@people.example"
    keys = [sent(house, code, given={"mail": mail, "message": str(n)}) for n in range(4)]
    assert [(of(house, key)[0].state, of(house, key)[0].held_for, len(letters(house, key))) for key in keys] == [("waiting", None, 1)] * 3 + [("held", "letters", 0)]
    assert not let_in(house, keys[3]) and (of(house, keys[3])[0].state, of(house, keys[3])[0].held_for) == ("held", "letters")
    with as_stranger(house) as ctx:
        receiving.confirm(ctx, links.token(ctx, keys[0], links.CONFIRM))
    assert len(letters(house, keys[0])) == 2, "it is his own address, as he says himself"
    with house.ctx("manager", now=entry.utcnow() + timedelta(days=1, minutes=1)) as ctx:
        assert deciding.let_in(ctx, deciding.one_enquiry(ctx, keys[3]))
    assert of(house, keys[3])[0].state == "waiting" and letters(house, keys[3]) == [("enquiry_confirm", "en")]


def test_a_lead_whose_sender_got_no_letter_says_so(house):
    _, code = build(house)
    mail = f"flood-{uuid4().hex[:6]}@people.example"
    leads = [of(house, sent(house, code, given={"mail": mail, "message": str(n)}))[1] for n in range(4)]
    assert facts_of(house, leads[0]).count("enquiry.unwritten") == 1 and len({lead.id for lead in leads}) == 1


@pytest.mark.parametrize("how", ["suppressed", "refused"])
def test_whose_address_no_letter_may_reach_is_not_asked_and_a_person_takes_him(house, monkeypatch, how):
    _, code = build(house, confirmed="before")
    mail = f"never-{uuid4().hex[:6]}@people.example"
    with house.ctx() as ctx:
        suppress(ctx, mail, "all" if how == "suppressed" else "marketing", "bounced")
    if how == "refused":
        def refuse(*args, **rest):
            raise Refused("not_a_mail", field="to")
        monkeypatch.setattr(receiving, "hand_in", refuse)
    key = sent(house, code, given={"mail": mail})
    assert (of(house, key)[0].state, of(house, key)[0].held_for, letters(house, key)) == ("held", "unconfirmed", [])
    assert let_in(house, key) and (of(house, key)[0].state, of(house, key)[0].confirmed_at, letters(house, key)) == ("taken", None, [])
    assert facts_of(house, of(house, key)[1]).count("enquiry.unwritten") == 1


def test_who_wants_no_advertising_is_asked_all_the_same(house):
    _, code = build(house, confirmed="before")
    mail = f"no-ads-{uuid4().hex[:6]}@people.example"
    with house.ctx() as ctx:
        suppress(ctx, mail, "marketing", "asked")
    key = sent(house, code, given={"mail": mail})
    assert of(house, key)[0].state == "waiting" and letters(house, key) == [("enquiry_confirm", "en")]


def test_a_lead_whose_sender_no_letter_may_reach_says_so(house):
    _, code = build(house)
    mail = f"never-{uuid4().hex[:6]}@people.example"
    with house.ctx() as ctx:
        suppress(ctx, mail, "all", "bounced")
    key = sent(house, code, given={"mail": mail})
    assert letters(house, key) == [] and facts_of(house, of(house, key)[1]).count("enquiry.unwritten") == 1


def test_once_a_forms_owner_has_left_its_leads_go_by_the_rules_and_the_admins_are_told_once(app):
    house = House(f"in-{uuid4().hex[:8]}")
    gone, colleague = house.users["rep"].id, house.users["colleague"].id
    form, code = build(house, lead_owner_id=gone)
    with house.ctx() as ctx:
        ctx.session.get_one(User, gone).state = "disabled"
    leads = [of(house, sent(house, code))[1] for _ in range(2)]
    assert [lead.owner_id for lead in leads] == [None, None], "nobody's, where no rule fits: whoever sees the inbox takes them up"
    with house.ctx() as ctx:
        assigning.save_rule(ctx, None, name="All", way="turn", user_ids=[colleague])
    assert of(house, sent(house, code))[1].owner_id == colleague
    with house.ctx() as ctx:
        told = ctx.session.execute(select(Notification).where(Notification.params["say"].astext == "told.form_ownerless")).scalars().all()
        assert {one.user_id for one in told} == {house.users["owner"].id, house.users["manager"].id} and len(told) == 2 and {one.record_id for one in told} == {leads[0].id}
        assert forms.owner_of(ctx, forms.one_form(ctx, form)) is None
    with counted() as statements:
        sent(house, code)
    assert len([one for one in statements if one.startswith("INSERT INTO notification")]) == 1, "whoever gets the lead alone, no try for each admin who was told"


def test_who_let_in_an_enquiry_stands_on_the_leads_timeline_and_in_the_audit(house):
    at_once, later = build(house)[1], build(house, confirmed="before")[1]
    keys = [sent(house, code, seconds=1) for code in (at_once, later)]
    assert all(let_in(house, key) for key in keys)
    with as_stranger(house) as ctx:
        receiving.confirm(ctx, links.token(ctx, keys[1], links.CONFIRM))
    manager = house.users["manager"].id
    for key in keys:
        with house.ctx() as ctx:
            facts = ctx.session.execute(timeline(of(house, key)[1].id)).scalars().all()
            assert [(one.actor_id, one.subject_id) for one in facts if one.kind == "enquiry.let_in"] == [(manager, key)] and "enquiry.held" in {one.kind for one in facts}
            audit = ctx.session.execute(select(AuditEntry).where(AuditEntry.row_id == key).order_by(AuditEntry.id)).scalars().all()
        assert [one.actor_id for one in audit if "decided_at" in (one.changes or {}) and one.action == "update"] == [manager]
        assert not [one for one in audit if "Ada Lace" in str(one.changes) or "people.example" in str(one.changes)], "what was typed is kept with the row alone"


def test_what_is_wrong_is_refused_together_and_a_closed_form_takes_nothing(house):
    form, code = build(house)
    with pytest.raises(Refused) as found:
        sent(house, code, given={"name": " ", "mail": "nobody", "message": "x" * 20_001})
    assert {(one.field, one.code) for one in errors_of(found.value)} == {("name", "required"), ("mail", "not_a_mail"), ("message", "too_long")}
    with house.ctx() as ctx:
        forms.close(ctx, forms.one_form(ctx, form))
    with pytest.raises(Refused) as found:
        sent(house, code)
    assert found.value.code == "form_closed"


def test_own_fields_are_asked_and_what_their_rules_refuse_is_held_back_and_never_told(house):
    with house.ctx() as ctx:
        field = defining.create_field(ctx, room="leads", kind="text", label=f"Customer number {uuid4().hex[:4]}", is_unique=True)
        name = f"custom.{field.key}"
    _, code = build(house, fields=[*FIELDS, {"name": name, "needed": True, "labels": {}}])
    first, second = (sent(house, code, given={name: "4711"}) for _ in range(2))
    assert getattr(of(house, first)[1], name) == "4711"
    assert (of(house, second)[0].state, of(house, second)[0].held_for, of(house, second)[1]) == ("held", "refused", None), "a stranger does not learn which numbers there are"


def test_a_form_is_refused_without_a_name_to_ask_a_title_or_with_foreign_pages(house):
    with house.ctx() as ctx:
        with pytest.raises(Refused) as found:
            forms.save_form(ctx, None, name="", fields=[{"name": "message", "needed": True}], texts={}, hosts="ok.example no_host", redirect_url="https://evil.example/", confirmed="perhaps", lead_owner_id=str(uuid4()))
    assert {(one.field, one.code) for one in errors_of(found.value)} == {
        ("name", "required"), ("fields", "form_nameless"), ("texts", "form_untitled"), ("hosts", "not_a_host"), ("redirect_url", "redirect_elsewhere"), ("confirmed", "unknown_value"), ("lead_owner_id", "owner_unknown"),
    }
    with house.ctx("rep") as ctx, pytest.raises(Forbidden):
        forms.save_form(ctx, None, name="X", fields=FIELDS, texts=TEXTS)


@pytest.mark.parametrize(("typed", "kept"), [("Example.com", "example.com"), ("https://www.example.com/page?x", "www.example.com"), ("*.example.com", "*.example.com"), ("localhost:3000", "localhost:3000"), ("bücher.example", "xn--bcher-kva.example")])
def test_hosts_are_written_in_one_way(typed, kept):
    assert rules.checked_hosts(typed) == [kept]


@pytest.mark.parametrize("typed", ["*", "a;script-src", "'self'", "data:", "javascript:alert(1)", "exa mple..com", "*.*.com", "a.com,b.com", "-a.com"])
def test_what_would_open_the_policy_is_no_host(typed):
    with pytest.raises(Refused):
        rules.checked_hosts([typed])


@pytest.mark.parametrize(("address", "fine"), [
    ("https://www.example.com/thanks?x=1", True), ("http://shop.example.org/", True), ("https://example.com.evil.test/", False), ("https://evil.test/www.example.com", False), ("//www.example.com", False),
    ("https://www.example.com@evil.test/", False), ("javascript://www.example.com/%0aalert(1)", False), ("https://www.example.com\\@evil.test", False), ("https://[", False),
])
def test_senders_are_led_to_own_hosts_alone(address, fine):
    if fine:
        assert rules.checked_redirect(address, ["www.example.com", "*.example.org"]) == address
    else:
        with pytest.raises(Refused):
            rules.checked_redirect(address, ["www.example.com", "*.example.org"])


def test_the_senders_page_says_who_answers_and_nothing_of_him(house):
    _, code = build(house, lead_owner_id=house.users["rep"].id)
    key, held = sent(house, code), sent(house, code, trap="x")
    with house.ctx("rep") as ctx:
        lead = ctx.session.get_one(Lead, ctx.session.get_one(Enquiry, key).lead_id)
        deciding.reply(ctx, lead, key, "We call you on Monday.")
    with as_stranger(house) as ctx:
        found = standing(ctx, receiving.by_token(ctx, links.token(ctx, key)))
        assert (found.who, found.reply, bool(found.replied)) == ("Rep", "We call you on Monday.", True)
        assert standing(ctx, receiving.by_token(ctx, links.token(ctx, held))).who is None
    assert [template for template, _ in letters(house, key)] == ["enquiry_received", "enquiry_replied"]
    with house.ctx("colleague") as ctx, pytest.raises((NotFound, Forbidden)):
        deciding.reply(ctx, ctx.session.get_one(Lead, lead.id), key, "Not mine")
