"""The customer's page of a quote, without sign-in and without script: look, choose options, write, accept, decline. And the page that says
whether a paper still holds. Their addresses are keys: random, kept by nobody, listed nowhere."""

from typing import Any

from flask import Blueprint, g, request

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.quotes import answering
from infra import limits
from web.guard import stranger
from web.pages import page, quiet, see_other
from web.quotes.forms import AnswerForm
from web.quotes.showing import document, pill, tax_said

bp = Blueprint("quote_page", __name__, url_prefix="/quote")
LOOKS, ANSWERS, WINDOW = 60, 20, 60  # in so many seconds, by one network


@bp.get("/<token>")
@stranger("quotes.answer")
def show(ctx: Context, token: str):
    """The quote as it was sent. option=: what it would come to with these."""
    _count(ctx, "quote_look", LOOKS)
    return _page(ctx, token)


@bp.post("/<token>/acceptance")
@stranger("quotes.answer")
def create_acceptance(ctx: Context, token: str):
    """Accepted, with name, moment and address."""
    return _answered(ctx, token, lambda form, name: answering.accept(ctx, token, name=name, address=_address(), chosen=request.form.getlist("option")[:300], note=form.note.data))


@bp.post("/<token>/refusal")
@stranger("quotes.answer")
def create_refusal(ctx: Context, token: str):
    """Declined."""
    return _answered(ctx, token, lambda form, name: answering.decline(ctx, token, name=name, address=_address(), note=form.note.data))


@bp.post("/<token>/comments")
@stranger("quotes.answer")
def create_comment(ctx: Context, token: str):
    """A word about it."""
    return _answered(ctx, token, lambda form, name: answering.comment(ctx, token, name=name, text=form.note.data), said="1")


@bp.get("/check/<proof>")
@stranger("quotes.answer")
def check(ctx: Context, proof: str):
    """Does the paper hold: valid, superseded by, expired or withdrawn; and who answers for it."""
    _count(ctx, "quote_look", LOOKS)
    quote, version = answering.by_proof(ctx, proof)
    return quiet(page("quotes/check.html", quote=quote, version=version, state=answering.state_now(ctx, version), newer=answering.newer_than(ctx, version), pill=pill))


def _answered(ctx: Context, token: str, act: Any, **then: str):
    _count(ctx, "quote_answer", ANSWERS)
    answering.by_token(ctx, token)
    form = AnswerForm(request.form)
    if form.validate():
        try:
            with ctx.session.begin_nested():
                act(form, form.name.data)
            return quiet(see_other("quote_page.show", token=token, lang=g.lang, **then))
        except NotFound:
            raise
        except Refused as refusal:
            form.take(refusal)
            return _page(ctx, token, form, status=refusal.status)
    return _page(ctx, token, form, status=422)


def _page(ctx: Context, token: str, form: AnswerForm | None = None, status: int = 200):
    quote, version = answering.by_token(ctx, token)
    lines_chosen = (request.form if request.method == "POST" else request.args).getlist("option")[:300]
    chosen = version.chosen if version.decided_at else lines_chosen
    doc = document(ctx, quote, version, inside=False, chosen=chosen)
    return quiet(page(
        "quotes/customer.html", status=status, quote=quote, version=version, doc=doc, state=answering.state_now(ctx, version), newer=answering.newer_than(ctx, version), pill=pill, token=token,
        form=form or AnswerForm(data={"name": version.customer.get("person", "")}), chosen=set(chosen), tax_said=lambda one: tax_said(ctx, one), said=bool(request.args.get("said")),
    ))


def _count(ctx: Context, name: str, limit: int) -> None:
    limits.hit(name, f"{ctx.tenant.id}:{limits.network(request.remote_addr)}", limit, WINDOW)


def _address() -> str:
    return request.remote_addr or ""
