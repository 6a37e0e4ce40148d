"""Settings, privacy: what persons ask about their data, and how long things are kept."""

from io import BytesIO
from itertools import groupby
from uuid import UUID

from flask import Blueprint, Response, request, send_file
from wtforms import DateField, EmailField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from core.base.context import Context
from core.base.errors import Refused
from core.base.words import N_
from core.identity import queries as people
from core.privacy import purging, requests, retaining
from core.privacy.models import MOVING, SubjectRequest
from core.privacy.words import KIND_LABELS, STATE_LABELS, TABLE_LABELS, WHY_LABELS
from infra import i18n
from web.forms import Form
from web.guard import needs
from web.pages import page, say, see_other

bp = Blueprint("privacy", __name__, url_prefix="/settings")
FOLDED = ("audit_entry", "fact", "outbox", "session", "idempotency_key", "follower")  # of use to machines: shown when asked for
SHOWN = 20  # of one table; the others are ticked with it


class RequestForm(Form):
    """Who asks what."""

    kind = SelectField(N_("What the person wants"))
    who = StringField(N_("Name"), [InputRequired(), Length(max=200)])
    mail = EmailField(N_("Mail"), [Length(max=254)])
    also = TextAreaField(N_("Other names, addresses and numbers"), [Length(max=2000)], render_kw={"rows": 3})
    received_on = DateField(N_("Received on"), [Optional()])


class DecisionForm(Form):
    """How it was made sure who asks, and what the person is told."""

    identity = StringField(N_("How it was made sure who asks"), [Length(max=300)])
    outcome = TextAreaField(N_("What the person is told"), [Length(max=2000)], render_kw={"rows": 3})
    why = StringField(N_("Reason"), [Length(max=500)])


class RetentionForm(Form):
    """How long the recycle bin keeps."""

    bin_days = IntegerField(N_("Days in the recycle bin"), [Optional()])


@bp.get("/privacy/")
@needs("privacy.manage")
def index(ctx: Context):
    """The requests, and a form for one more."""
    return _index(ctx, RequestForm(received_on=ctx.today))


@bp.post("/privacy/requests")
@needs("privacy.manage")
def create(ctx: Context):
    """Write it down; all rooms are searched in the background."""
    form = RequestForm(request.form)
    form.kind.choices = _kinds(ctx)
    if form.validate():
        with form.attempt(ctx):
            found = requests.receive(ctx, kind=form.kind.data, who=form.who.data, mail=form.mail.data, also=form.also.data, received_on=form.received_on.data)
            return see_other("privacy.show", id=found.id)
    return _index(ctx, form, status=422)


@bp.get("/privacy/requests/<uuid:id>")
@needs("privacy.manage")
def show(ctx: Context, id: UUID):
    """What was found, and what is to be decided; asks again by itself while a worker is at it."""
    return _show(ctx, requests.one(ctx, id), DecisionForm())


@bp.post("/privacy/requests/<uuid:id>/ticks")
@needs("privacy.manage")
def tick(ctx: Context, id: UUID):
    """Keep which rows are about the person."""
    _tick(ctx, requests.one(ctx, id))
    say(ctx, N_("Kept"))
    return see_other("privacy.show", id=id)


@bp.post("/privacy/requests/<uuid:id>/decision")
@needs("privacy.manage", fresh=True)
def decide(ctx: Context, id: UUID):
    """Do what the person asks for."""
    found, form = requests.one(ctx, id), DecisionForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            _tick(ctx, found)
            requests.decide(ctx, found, identity=form.identity.data, outcome=form.outcome.data)
            return see_other("privacy.show", id=id)
    return _show(ctx, found, form, status=422)


@bp.post("/privacy/requests/<uuid:id>/refusal")
@needs("privacy.manage")
def refuse(ctx: Context, id: UUID):
    """Refuse it, with the reason that the person is told."""
    return _with_reason(ctx, id, requests.refuse)


@bp.post("/privacy/requests/<uuid:id>/extension")
@needs("privacy.manage")
def extend(ctx: Context, id: UUID):
    """Two months more."""
    return _with_reason(ctx, id, requests.extend)


@bp.post("/privacy/requests/<uuid:id>/stop")
@needs("privacy.manage")
def stop(ctx: Context, id: UUID):
    """Stop what is being taken out."""
    requests.stop(ctx, requests.one(ctx, id))
    return see_other("privacy.show", id=id)


@bp.post("/privacy/requests/<uuid:id>/archive")
@needs("privacy.manage", fresh=True, file=True)
def fetch(ctx: Context, id: UUID):
    """The archive, once: it is gone with that."""
    return as_archive(ctx, requests.fetch(ctx, requests.one(ctx, id)))


@bp.get("/retention/")
@needs("privacy.manage")
def retention(ctx: Context):
    """How long what is kept, and what the next night takes."""
    return _retention(ctx, RetentionForm(bin_days=purging.bin_days(ctx)))


@bp.post("/retention/")
@needs("privacy.manage")
def update_retention(ctx: Context):
    """Keep the recycle bin longer or shorter."""
    form = RetentionForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            purging.change_bin_days(ctx, form.bin_days.data)
            say(ctx, N_("Saved"))
            return see_other("privacy.retention")
    return _retention(ctx, form, status=422)


def as_archive(ctx: Context, content: bytes) -> Response:
    """What was taken out, as a file that nobody on the way keeps."""
    answer = send_file(BytesIO(content), mimetype="application/zip", as_attachment=True, download_name=f"person-{ctx.today.isoformat()}.zip", max_age=0)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _with_reason(ctx: Context, id: UUID, act):
    found, form = requests.one(ctx, id), DecisionForm(request.form)
    with form.attempt(ctx):
        act(ctx, found, form.why.data)
        return see_other("privacy.show", id=id)
    return _show(ctx, found, form, status=422)


def _tick(ctx: Context, found: SubjectRequest) -> None:
    """What the page showed as one row each, and tables that were ticked as a whole (table=)."""
    whole = set(request.form.getlist("table"))
    rows = {tuple(one.split("|", 1)) for one in request.form.getlist("row") if "|" in one}
    if len(rows) > 5000:
        raise Refused("too_many_items", field="row", max=5000)
    requests.tick(ctx, found, [(hit.table_name, hit.row_key) for hit in requests.hits(ctx, found) if hit.table_name in whole or (hit.table_name, hit.row_key) in rows])


def _kinds(ctx: Context) -> list[tuple[str, str]]:
    return [(value, i18n.gettext(ctx.locale, text)) for value, text in KIND_LABELS.items()]


def _index(ctx: Context, form: RequestForm, status: int = 200):
    form.kind.choices = _kinds(ctx)
    return page("privacy/index.html", requests=requests.requests(ctx), overdue=requests.overdue(ctx), kinds=KIND_LABELS, states=STATE_LABELS, form=form, status=status, today=ctx.today)


def _show(ctx: Context, found: SubjectRequest, form: DecisionForm, status: int = 200):
    tables = [(name, list(hits)) for name, hits in groupby(requests.hits(ctx, found), key=lambda hit: hit.table_name)]
    tables.sort(key=lambda one: (one[1][0].why != "record", list(TABLE_LABELS).index(one[0]) if one[0] in TABLE_LABELS else 99))
    return page(
        "privacy/show.html", block="state", request_=found, tables=tables, form=form, status=status, moving=found.state in MOVING, kinds=KIND_LABELS, states=STATE_LABELS,
        table_words=TABLE_LABELS, why=WHY_LABELS, names=people.actor_names(ctx), shown=SHOWN, folded=FOLDED, today=ctx.today,
    )


def _retention(ctx: Context, form: RetentionForm, status: int = 200):
    return page("privacy/kept.html", kept=retaining.kept(ctx), form=form, least=purging.LEAST, most=purging.MOST, status=status)
