"""What becomes of a quote: sent, withdrawn, answered by word of mouth, and the next version."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, request

from core.base.context import Context
from core.base.errors import Refused
from core.base.words import N_
from core.quotes import answering, approving, drafting, mailing, queries, sending
from web.editing import typed_value, version_of_form
from web.forms import Form
from web.guard import needs
from web.pages import say, see_other
from web.quotes.forms import AnswerForm, ApprovalForm, LetterForm, SendingForm
from web.words import say_refusal

bp = Blueprint("quote_life", __name__, url_prefix="/quotes")


@bp.post("/<uuid:id>/sending")
@needs("quotes.send")
def create_sending(ctx: Context, id: UUID):
    """Fix the draft, number it, and show the link for the customer."""
    quote, form = queries.one_quote(ctx, id), SendingForm(request.form)
    with form.attempt(ctx):
        sending.send_quote(ctx, quote, valid_until=typed_value(form.valid_until))
        say(ctx, N_("%(number)s is sent. Give the customer the link."), number=quote.number)
        return see_other("quotes.show", id=id)
    return _again(ctx, id, sending_form=form)


@bp.post("/<uuid:id>/letters")
@needs("quotes.send")
def create_letter(ctx: Context, id: UUID):
    """Mail the link to the customer. What was refused comes back with what was typed."""
    quote, form = queries.one_quote(ctx, id), LetterForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            letter = mailing.mail_quote(ctx, quote, to=form.to.data, message=form.message.data)
            say(ctx, N_("The quote goes to %(mail)s"), mail=letter.to_mail)
            return see_other("quotes.show", id=id)
    return _again(ctx, id, letter=form)


@bp.post("/<uuid:id>/withdrawal")
@needs("quotes.send")
def create_withdrawal(ctx: Context, id: UUID):
    """Take back what was sent."""
    return _simply(ctx, id, sending.withdraw, N_("%(number)s is withdrawn"))


@bp.post("/<uuid:id>/versions")
@needs("quotes.edit")
def create_version(ctx: Context, id: UUID):
    """Begin the next version and write on in it."""
    quote = queries.one_quote(ctx, id)
    try:
        with ctx.session.begin_nested():
            drafting.revise(ctx, quote)
    except Refused as refusal:
        return _refused(ctx, id, refusal)
    return see_other("quote_draft.edit_lines", id=id)


@bp.post("/<uuid:id>/acceptance")
@needs("quotes.send")
def create_acceptance(ctx: Context, id: UUID):
    """The customer told us that he accepts."""
    return _answered(ctx, id, lambda quote, form: answering.note_accepted(ctx, quote, name=form.name.data, note=form.note.data, chosen=request.form.getlist("option")), N_("%(number)s is accepted"))


@bp.post("/<uuid:id>/refusal")
@needs("quotes.send")
def create_refusal(ctx: Context, id: UUID):
    """He told us that he does not want it."""
    return _answered(ctx, id, lambda quote, form: answering.note_declined(ctx, quote, name=form.name.data, note=form.note.data), N_("%(number)s is declined"))


@bp.post("/<uuid:id>/approval-request")
@needs("quotes.edit")
def create_approval_request(ctx: Context, id: UUID):
    """Ask those who may approve."""
    return _approval(ctx, id, approving.ask, N_("Approval is asked for"))


@bp.post("/<uuid:id>/approval")
@needs("quotes.approve")
def create_approval(ctx: Context, id: UUID):
    """Yes."""
    return _approval(ctx, id, partial(approving.approve, version=version_of_form()), N_("%(name)s may be sent"))


@bp.post("/<uuid:id>/approval/refusal")
@needs("quotes.approve")
def create_approval_refusal(ctx: Context, id: UUID):
    """No, and why."""
    return _approval(ctx, id, partial(approving.refuse, version=version_of_form()), N_("%(name)s is not approved"))


def _approval(ctx: Context, id: UUID, act: Callable[..., Any], text: str):
    quote, form = queries.one_quote(ctx, id), ApprovalForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            act(ctx, quote, note=form.note.data)
            say(ctx, text, name=quote.name)
            return see_other("quotes.show", id=id)
    return _again(ctx, id, approval=form)


def _answered(ctx: Context, id: UUID, act: Callable[[Any, AnswerForm], Any], text: str):
    quote, form = queries.one_quote(ctx, id), AnswerForm(request.form)
    with form.attempt(ctx):
        act(quote, form)
        say(ctx, text, number=quote.number)
        return see_other("quotes.show", id=id)
    return _again(ctx, id, answer=form)


def _simply(ctx: Context, id: UUID, act: Callable[..., Any], text: str):
    quote = queries.one_quote(ctx, id)
    try:
        with ctx.session.begin_nested():
            act(ctx, quote)
    except Refused as refusal:
        return _refused(ctx, id, refusal)
    say(ctx, text, number=quote.number)
    return see_other("quotes.show", id=id)


def _refused(ctx: Context, id: UUID, refusal: Refused):
    """What can't be done is said on the page."""
    if refusal.status != 422:
        raise refusal
    say(ctx, say_refusal(refusal, ctx.locale), kind="error")
    return see_other("quotes.show", id=id)


def _again(ctx: Context, id: UUID, **forms: Form):
    from web.quotes.views import show_quote  # the page and its buttons know one another

    return show_quote(ctx, id, status=422, **forms)
