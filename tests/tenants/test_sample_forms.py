"""The sample company's web form: leads that came by it and one enquiry that was held back, in five languages, once, removable."""

import pytest
from sqlalchemy import select

from core.intake import deciding, forms
from core.intake.models import Enquiry, WebForm
from core.leads.models import Lead
from core.post.models import OutgoingMail
from infra import i18n
from tenants import samples
from tests.tenants.test_samples import fill


def shown(ctx):
    """(forms, enquiries by state, leads that came by a form)"""
    made = ctx.session.execute(select(WebForm)).scalars().all()
    states = sorted(ctx.session.execute(select(Enquiry.state)).scalars())
    leads = ctx.session.execute(select(Lead).join(Enquiry, Enquiry.lead_id == Lead.id).where(Lead.deleted_at.is_(None)).order_by(Lead.external_id)).scalars().all()
    return made, states, leads


def held(ctx):
    return ctx.session.execute(select(Enquiry).where(Enquiry.state == "held")).scalar_one()


@pytest.mark.parametrize("locale", list(i18n.LANGUAGES))
def test_each_language_has_its_form_with_leads_and_one_that_was_held_back(ctx, locale):
    fill(ctx, locale)
    (form,), states, leads = shown(ctx)
    given = samples.scene(locale)
    assert (form.name, form.state, form.texts[locale]["title"], form.redirect_url, form.hosts) == (given["form"]["name"], "open", given["form"]["title"], None, [])
    assert states == ["held", "taken", "taken"] and [lead.name for lead in leads] == [given["leads"][0]["name"], given["leads"][2]["name"]]
    assert (held(ctx).held_for, held(ctx).said) == ("links", given["form"]["held"]) and "mail" not in held(ctx).said
    assert [name for _, name in deciding.of_lead(ctx, leads[0])] == [form.name]
    assert all(lead.mail.endswith(".example") for lead in leads) and ctx.session.execute(select(OutgoingMail)).first() is None


def test_filling_twice_or_in_another_language_makes_no_second_form(ctx):
    for locale in ("en", "en", "ru"):
        fill(ctx, locale)
    made, states, _ = shown(ctx)
    assert len(made) == 1 and states == ["held", "taken", "taken"]


def test_letting_in_the_one_that_was_held_back_writes_to_nobody(ctx):
    fill(ctx, "es")
    assert deciding.let_in(ctx, held(ctx))
    assert ctx.session.execute(select(OutgoingMail)).first() is None and shown(ctx)[1] == ["taken"] * 3


def test_they_go_with_the_samples_and_come_back_with_them(ctx):
    fill(ctx, "ko")
    deciding.let_in(ctx, held(ctx))
    samples.remove_all(ctx)
    ctx.session.flush()
    assert shown(ctx) == ([], [], []) and ctx.session.execute(select(Lead).where(Lead.deleted_at.is_(None))).first() is None
    samples.remove_all(ctx)
    fill(ctx, "ko")
    assert [len(made) if isinstance(made, list) else made for made in shown(ctx)][::2] == [1, 2] and shown(ctx)[1] == ["held", "taken", "taken"]


def test_a_form_by_which_somebody_else_wrote_stays_with_what_he_wrote(ctx):
    fill(ctx, "en")
    form = shown(ctx)[0][0]
    ctx.session.add(Enquiry(form_id=form.id, state="held", held_for="fast", said={"name": "Real"}, lang="en", nonce="0123456789abcdef", fingerprint="x"))
    samples.remove_all(ctx)
    ctx.session.flush()
    assert [one.id for one in shown(ctx)[0]] == [form.id] and held(ctx).said == {"name": "Real"} and shown(ctx)[1] == ["held"]


def test_a_form_that_was_renamed_is_ones_own_and_so_is_any_other(ctx):
    fill(ctx, "en")
    form = shown(ctx)[0][0]
    forms.save_form(ctx, form, name="Our website")
    other = forms.save_form(ctx, None, name=samples.scene("en")["form"]["name"], fields=[{"name": "name", "needed": True}], texts={"en": {"title": "Mine"}})
    samples.remove_all(ctx)
    ctx.session.flush()
    assert {one.id for one in shown(ctx)[0]} == {form.id, other.id}
