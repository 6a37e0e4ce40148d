"""The apex: an address gets a letter with its workspaces. Nothing here tells whether it is known."""

from flask import Blueprint, g, request
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from core.base.errors import Refused
from core.base.words import N_
from infra.limits import check_reset
from tenants import entry, mail_index
from web import door
from web.forms import Form
from web.guard import public
from web.pages import page

bp = Blueprint("finding", __name__)
bp.places = ("apex",)


class FindingForm(Form):
    """Whose workspaces."""

    mail = StringField(N_("Mail address"), [InputRequired(), Length(max=254)])


@bp.get("/sign-in/workspaces")
@public
def new():
    """Which address?"""
    return page("signup/finding.html", form=FindingForm())


@bp.post("/sign-in/workspaces")
@public
def create():
    """The same answer, and the same work, for every address."""
    door.check_same_site()
    form = FindingForm(request.form)
    if form.validate():
        check_reset("apex", form.mail.data, request.remote_addr)
        try:
            mail_index.ask(form.mail.data, g.lang, entry.utcnow())
            return page("signup/finding.html", form=form, asked=form.mail.data.strip())
        except Refused as refusal:
            form.take(refusal)
    return page("signup/finding.html", form=form, status=422)
