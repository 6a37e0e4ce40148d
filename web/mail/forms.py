"""Forms of correspondence: a mail, who reads a conversation, the rules, a template, one's own signature."""

from wtforms import HiddenField, MultipleFileField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from core.base.context import Context
from core.base.words import N_
from core.identity import queries as people
from core.mail.models import PRIVACIES, TELLINGS
from core.mail.words import PRIVACY_LABELS, TOLD_LABELS
from infra import i18n
from web.forms import Form

ZONES = {"": N_("My time"), "theirs": N_("The recipient's time")}


class MailForm(Form):
    """What is written. The addresses are the use case's to read."""

    to = StringField(N_("To"), [Length(max=4000)])
    cc = StringField(N_("Copy to"), [Length(max=4000)])
    bcc = StringField(N_("Blind copy to"), [Length(max=4000)])
    subject = StringField(N_("Subject"), [Length(max=300)])
    body = TextAreaField(N_("Text"))
    files = MultipleFileField(N_("Files"))
    send_at = StringField(N_("Send later"), [Length(max=40)])
    zone = SelectField(N_("Counted in"), choices=[], validate_choice=False)
    kind, key, answers, draft, template, language = HiddenField(), HiddenField(), HiddenField(), HiddenField(), HiddenField(), HiddenField()
    thread = HiddenField()  # whose answer it is: what is typed beneath a conversation is found again in the composer


class OpenForm(Form):
    """Who reads a conversation."""

    privacy = SelectField(N_("Who reads it"), choices=[], validate_choice=False)
    told = SelectField(N_("What others who see the record are told"), choices=[], validate_choice=False)
    people = SelectMultipleField(N_("Colleagues who take part"), choices=[], validate_choice=False)


class RulesForm(Form):
    """What holds for the workspace."""

    privacy = SelectField(N_("Who reads new conversations"), choices=[], validate_choice=False)
    told = SelectField(N_("What others who see the record are told"), choices=[], validate_choice=False)
    undo_seconds = StringField(N_("Seconds in which a mail can be stopped"), [Length(max=5)])
    reply_address = StringField(N_("Address for answers"), [Length(max=254)])
    blocked = TextAreaField(N_("Domains whose mail is not taken"), [Length(max=20_000)])


class OwnForm(Form):
    """One's own signature and beginnings."""

    signature = TextAreaField(N_("Signature"))
    privacy = SelectField(N_("Who reads my new conversations"), choices=[], validate_choice=False)
    told = SelectField(N_("What others who see the record are told"), choices=[], validate_choice=False)


class TemplateForm(Form):
    """Words to begin a mail with."""

    name = StringField(N_("Name"), [Length(max=200)])
    language = SelectField(N_("Language"), choices=[SelectChoice(code, said[0]) for code, said in i18n.LANGUAGES.items()], validate_choice=False)
    subject = StringField(N_("Subject"), [Length(max=300)])
    body = TextAreaField(N_("Text"))


def offer_privacy(ctx: Context, form: Form, usual: str = "") -> Form:
    """The words of both lists; usual: a first choice that leaves it to the workspace."""
    for field, known, labels in ((form.privacy, PRIVACIES, PRIVACY_LABELS), (form.told, TELLINGS, TOLD_LABELS)):
        first = [SelectChoice("", i18n.gettext(ctx.locale, usual))] if usual else []
        field.choices = first + [SelectChoice(one, i18n.gettext(ctx.locale, labels[one])) for one in known]
    return form


def offer_people(ctx: Context, form: OpenForm) -> OpenForm:
    """The colleagues whom one may name."""
    form.people.choices = [SelectChoice(str(key), name) for key, name in sorted(people.user_names(ctx).items(), key=lambda one: one[1].casefold()) if key != ctx.actor.id]
    return form
