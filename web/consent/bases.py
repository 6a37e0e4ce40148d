"""What a person's data rest on, set by hand on his page; and the ledger of consents as a file."""

from uuid import UUID

from flask import Blueprint, request
from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from core.base.context import Context
from core.base.words import N_
from core.consent import bases, ledger, queries
from core.consent.models import SOURCES
from core.consent.words import ALL_BASIS_LABELS, SOURCE_LABELS
from core.parties import queries as parties
from infra import i18n
from web.forms import Form
from web.guard import needs
from web.pages import page, say, see_other
from web.transfer.files import csv_answer

bp = Blueprint("lawful_bases", __name__)
BY_HAND = tuple(one for one in SOURCES if one not in ("link", "import"))


class BasisForm(Form):
    """A lawful basis, for what, and how it is known."""

    basis = SelectField(N_("Lawful basis"), default="contract")
    purpose_id = SelectField(N_("For what"), default="")
    source = SelectField(N_("How it is known"), default="paper")
    since = DateField(N_("Since"), [InputRequired()])
    note = StringField(N_("Where it can be looked up"), [Length(max=300)])


@bp.get("/contacts/<uuid:id>/lawful-bases/new")
@needs("consents.record")
def new(ctx: Context, id: UUID):
    """A form for one."""
    return _new(ctx, parties.one_contact(ctx, id), BasisForm(since=ctx.today))


@bp.post("/contacts/<uuid:id>/lawful-bases")
@needs("consents.record")
def create(ctx: Context, id: UUID):
    """It holds from now on; what was said before for the same ends with its day."""
    contact, form = parties.one_contact(ctx, id), _offered(ctx, BasisForm(request.form))
    if form.validate():
        with form.attempt(ctx):
            bases.set_basis(
                ctx, contact, basis=form.basis.data, source=form.source.data, note=form.note.data, since=form.since.data,
                purpose_id=UUID(form.purpose_id.data) if form.purpose_id.data else None,
            )
            say(ctx, N_("The lawful basis is set"))
            return see_other("contacts.show", id=id)
    return _new(ctx, contact, form, status=422)


@bp.post("/lawful-bases/<uuid:id>/ending")
@needs("consents.record")
def end(ctx: Context, id: UUID):
    """It holds no longer."""
    row = bases.end_basis(ctx, bases.one_basis(ctx, id))
    say(ctx, N_("The lawful basis has ended"))
    return see_other("consents.history", id=row.contact_id)


@bp.post("/settings/consents/exports")
@needs("consents.manage", fresh=True, file=True)
def export(ctx: Context):
    """The whole ledger as CSV; who took it out is written down."""
    return csv_answer(f"consents-{ctx.today.isoformat()}.csv", lambda file: ledger.take_out(ctx, file))


def _offered(ctx: Context, form: BasisForm) -> BasisForm:
    def said(labels: dict[str, str]) -> list[tuple[str, str]]:
        return [(value, i18n.gettext(ctx.locale, text)) for value, text in labels.items()]

    form.basis.choices = said(ALL_BASIS_LABELS)
    form.source.choices = said({value: SOURCE_LABELS[value] for value in BY_HAND})
    form.purpose_id.choices = [*said({"": N_("For all that is kept")}), *((str(one.id), one.name) for one in queries.purposes(ctx, running=True))]
    return form


def _new(ctx: Context, contact, form: BasisForm, status: int = 200):
    return page("consent/basis.html", contact=contact, form=_offered(ctx, form), status=status)
