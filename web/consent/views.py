"""Consents: purposes and their wording in the settings; on a person's page what he agreed to, and whether he is restricted."""

from uuid import UUID

from flask import Blueprint, request
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from core.base.context import Context
from core.base.policy import may
from core.base.words import N_
from core.consent import bases, queries, recording
from core.consent.models import SOURCES
from core.consent.words import ALL_BASIS_LABELS, BASIS_LABELS, SOURCE_LABELS
from core.identity import queries as people
from core.parties import queries as parties
from core.parties import restricting
from infra import i18n
from web.consent.bases import bp as bases_bp  # noqa: F401 (found here by its kind)
from web.filters import language
from web.forms import Form
from web.guard import needs
from web.pages import page, say, see_other

bp = Blueprint("consents", __name__)
BY_HAND = tuple(one for one in SOURCES if one not in ("link", "import"))


class PurposeForm(Form):
    """A purpose, with its first wording."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=80)])
    basis = SelectField(N_("Lawful basis"))
    said = TextAreaField(N_("What people are asked"), [Length(max=2000)], render_kw={"rows": 4})


class WordingForm(Form):
    """What people are asked, in one language."""

    lang = SelectField(N_("Language"))
    said = TextAreaField(N_("What people are asked"), [InputRequired(), Length(max=2000)], render_kw={"rows": 4})


class ConsentForm(Form):
    """One line of the ledger."""

    purpose_id = SelectField(N_("Purpose"), validate_choice=False)
    given = RadioField(N_("What the person said"), default="1")
    source = SelectField(N_("How it came"))
    proof = StringField(N_("Proof"), [Length(max=300)])


@bp.get("/settings/consents/")
@needs("consents.manage")
def index(ctx: Context):
    """The purposes, and a form for one more."""
    return _index(ctx, PurposeForm())


@bp.post("/settings/consents/")
@needs("consents.manage")
def create_purpose(ctx: Context):
    form = PurposeForm(request.form)
    form.basis.choices = _said(ctx, BASIS_LABELS)
    if form.validate():
        with form.attempt(ctx):
            purpose = recording.add_purpose(ctx, name=form.name.data, basis=form.basis.data, said=form.said.data)
            say(ctx, N_("The purpose %(name)s is added"), name=purpose.name)
            return see_other("consents.index")
    return _index(ctx, form, status=422)


@bp.post("/settings/consents/usual")
@needs("consents.manage")
def add_usual(ctx: Context):
    """Newsletter, offers, calls, profiling."""
    recording.add_usual(ctx)
    return see_other("consents.index")


@bp.get("/settings/consents/<uuid:id>")
@needs("consents.manage")
def show(ctx: Context, id: UUID):
    """A purpose and its wording."""
    return _show(ctx, id, WordingForm(lang=ctx.locale))


@bp.post("/settings/consents/<uuid:id>/wordings")
@needs("consents.manage")
def create_wording(ctx: Context, id: UUID):
    form = WordingForm(request.form)
    form.lang.choices = _languages()
    if form.validate():
        with form.attempt(ctx):
            recording.word(ctx, recording.one_purpose(ctx, id), form.said.data, form.lang.data)
            return see_other("consents.show", id=id)
    return _show(ctx, id, form, status=422)


@bp.post("/settings/consents/<uuid:id>/ending")
@needs("consents.manage")
def end(ctx: Context, id: UUID):
    """End it, or use it again."""
    recording.end_purpose(ctx, recording.one_purpose(ctx, id), not request.form.get("again"))
    return see_other("consents.show", id=id)


@bp.get("/contacts/<uuid:id>/consents")
@needs("consents.read")
def history(ctx: Context, id: UUID):
    """The ledger of one person."""
    contact = parties.one_contact(ctx, id)
    return page(
        "consent/history.html", contact=contact, lines=queries.history(ctx, contact), sources=SOURCE_LABELS, names=people.actor_names(ctx),
        rests_on=bases.bases_of(ctx, contact), bases=ALL_BASIS_LABELS, can_record=may(ctx, "consents.record", contact),
    )


@bp.get("/contacts/<uuid:id>/consents/new")
@needs("consents.record")
def new(ctx: Context, id: UUID):
    """A form for a line; of a purpose that stands given it begins with the withdrawal."""
    contact, asked = parties.one_contact(ctx, id), request.args.get("purpose", "")
    given = {str(row.purpose_id): row.given for row in queries.standing(ctx, contact)}.get(asked)
    return _new(ctx, contact, ConsentForm(data={"purpose_id": asked, "given": "0" if given else "1", "source": "mail"}))


@bp.post("/contacts/<uuid:id>/consents")
@needs("consents.record")
def create(ctx: Context, id: UUID):
    contact, form = parties.one_contact(ctx, id), _offered(ctx, ConsentForm(request.form))
    if form.validate():
        key = next((one.id for one in queries.purposes(ctx) if str(one.id) == form.purpose_id.data), UUID(int=0))
        with form.attempt(ctx):
            recording.record_consent(ctx, contact, key, given=form.given.data == "1", source=form.source.data, proof=form.proof.data)
            say(ctx, N_("Added to the ledger"))
            return see_other("contacts.show", id=id)
    return _new(ctx, contact, form, status=422)


@bp.post("/contacts/<uuid:id>/restriction")
@needs("contacts.edit")
def restrict(ctx: Context, id: UUID):
    """Keep the data and work with them no more."""
    restricting.restrict(ctx, parties.one_contact(ctx, id), request.form.get("why"))
    say(ctx, N_("Processing is restricted"))
    return see_other("contacts.show", id=id)


@bp.post("/contacts/<uuid:id>/restriction/lifting")
@needs("contacts.edit")
def lift(ctx: Context, id: UUID):
    """Work with them again."""
    restricting.lift(ctx, parties.one_contact(ctx, id))
    say(ctx, N_("The restriction is lifted"))
    return see_other("contacts.show", id=id)


def _said(ctx: Context, labels: dict[str, str]) -> list[tuple[str, str]]:
    return [(value, i18n.gettext(ctx.locale, text)) for value, text in labels.items()]


def _languages() -> list[tuple[str, str]]:
    return [(code, language(code)) for code in i18n.LANGUAGES]


def _offered(ctx: Context, form: ConsentForm) -> ConsentForm:
    form.purpose_id.choices = [(str(one.id), one.name) for one in queries.purposes(ctx, running=form.given.data != "0")]
    form.given.choices = _said(ctx, {"1": N_("Agrees"), "0": N_("Takes it back")})
    form.source.choices = [(value, text) for value, text in _said(ctx, SOURCE_LABELS) if value in BY_HAND]
    return form


def _new(ctx: Context, contact, form: ConsentForm, status: int = 200):
    return page("consent/new.html", contact=contact, form=_offered(ctx, form), status=status)


def _index(ctx: Context, form: PurposeForm, status: int = 200):
    form.basis.choices = _said(ctx, BASIS_LABELS)
    return page("consent/purposes.html", purposes=queries.purposes(ctx), words=queries.wordings(ctx), bases=BASIS_LABELS, form=form, status=status)


def _show(ctx: Context, id: UUID, form: WordingForm, status: int = 200):
    purpose = recording.one_purpose(ctx, id)
    form.lang.choices = _languages()
    return page("consent/purpose.html", purpose=purpose, words=queries.wordings(ctx).get(id, []), bases=BASIS_LABELS, form=form, status=status)
