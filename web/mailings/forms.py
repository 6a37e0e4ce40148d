"""The form of a draft."""

from wtforms import EmailField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField, widgets
from wtforms.validators import InputRequired, Length

from core.base.words import N_
from core.mailings.drafting import BODY_MAX, NAME_MAX, SUBJECT_MAX
from web.forms import Form

AUDIENCES = (
    ("any", N_("Everyone with one of these tags")), ("all", N_("Only who has all of these tags")), ("everyone", N_("Everyone in the contacts")),
)


class MailingForm(Form):
    """Subject, text, sender and audience."""

    subject = StringField(N_("Subject"), [InputRequired(), Length(max=SUBJECT_MAX)])
    name = StringField(N_("Name for your colleagues"), [Length(max=NAME_MAX)], description=N_("The subject, if you leave it empty."))
    body = TextAreaField(N_("Text"), [InputRequired(), Length(max=BODY_MAX)], render_kw={"rows": 16})
    from_name = StringField(N_("Sender"), [Length(max=80)])
    reply_to = EmailField(N_("Answers go to"), [Length(max=254)])
    audience = RadioField(N_("Recipients"), choices=AUDIENCES, default="any")
    needs_consent_id = SelectField(N_("Needs consent to"), choices=(), validate_choice=False, description=N_("Then only those get it who agreed to this and have not taken it back."))
    tags = SelectMultipleField(
        N_("Tags"), option_widget=widgets.CheckboxInput(), widget=widgets.ListWidget(prefix_label=False), validate_choice=False
    )
