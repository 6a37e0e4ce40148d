"""What programs send and get of web forms and enquiries."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from core.intake.models import CONFIRMED, HELD_FOR, STATES
from core.intake.rules import MOST_FIELDS, MOST_HOSTS
from infra.i18n import LANGUAGES
from web.api import shell

Language = Literal[tuple(LANGUAGES)]
Words = Annotated[str, Field(max_length=200)]
Host = Annotated[str, Field(max_length=200)]
Address = Annotated[str, Field(max_length=200)]
FIELDS = "What is asked, in this order: fields of a lead, own fields as custom.<key>. A name, a company or a mail address must be asked for and needed."
TEXTS = "By language; a title in one of them at least. A visitor reads his own, else the workspace's."
EXAMPLE = {
    "name": "Website", "fields": [{"name": "name", "needed": True}, {"name": "mail", "needed": True}, {"name": "message", "labels": {"en": "What may we do for you?", "es": "¿En qué podemos ayudarle?"}}],
    "texts": {"en": {"title": "Write to us", "button": "Send", "thanks": "Thank you. You hear from us tomorrow."}, "es": {"title": "Escríbanos"}}, "source": "website", "campaign": "Spring fair", "confirmed": "before",
    "hosts": ["www.example.com"], "redirect_url": "https://www.example.com/thanks",
}

HELD = {
    "id": "01976a3e-0000-7000-8000-000000000001", "version": 1, "form_id": "01976a3e-0000-7000-8000-000000000002", "form_name": "Website", "state": "held", "held_for": "links", "reason": "It holds many links",
    "said": [{"field": "name", "label": "Name", "value": "Ada Lace"}, {"field": "message", "label": "Message", "value": "Look at https://one.example"}], "language": "en", "confirmed_at": None, "decided_at": None, "lead_id": None,
    "created_at": "2026-11-30T09:00:00.000000Z", "updated_at": "2026-11-30T09:00:00.000000Z",
}


class FormFieldIn(shell.Body):
    """labels: own words by language, where ours do not fit."""

    name: shell.Line
    needed: bool = False
    labels: dict[Language, Words] = {}


class FormTextsIn(shell.Body):
    """What a visitor reads; ours where nothing is said."""

    title: Words | None = None
    intro: shell.Text | None = None
    button: Words | None = None
    thanks: shell.Text | None = None


Asked = Annotated[list[FormFieldIn], Field(max_length=MOST_FIELDS, description=FIELDS)]
Texts = Annotated[dict[Language, FormTextsIn], Field(description=TEXTS)]
Name = Annotated[str, Field(min_length=1, max_length=100)]


class WebFormPatch(shell.Body):
    """Changes of a form; what is absent stays as it is. fields and texts are given whole. lead_owner_id null: by the rules of assignment.
    purpose_id: the consent that a box below the fields asks for. hosts: the websites that may show the form. redirect_url: a page on one of them."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"state": "closed"}, {"hosts": ["www.example.com", "*.example.org"]}]})
    name: Name | None = None
    fields: Asked | None = None
    texts: Texts | None = None
    source: Words | None = None
    campaign: Words | None = None
    lead_owner_id: UUID | None = None
    purpose_id: UUID | None = None
    confirmed: Literal[CONFIRMED] | None = Field(None, description="Has the sender to confirm his address: never, before it becomes a lead, or after?")
    hosts: Annotated[list[Host], Field(max_length=MOST_HOSTS)] | None = None
    redirect_url: Address | None = None
    state: Literal[STATES] | None = Field(None, description="closed: nobody sends anything by it.")

    def given(self) -> dict[str, Any]:
        """As the use case takes them."""
        found = super().given()
        if found.get("fields"):
            found["fields"] = [one.model_dump() for one in found["fields"]]
        if found.get("texts"):
            found["texts"] = {lang: said.model_dump() for lang, said in found["texts"].items()}
        return found


class WebFormIn(WebFormPatch):
    """A form. It is open at once, unless state says closed."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})
    name: Name
    fields: Asked
    texts: Texts


class FormFieldOut(shell.Out):
    """What is asked."""

    name: str
    needed: bool
    labels: dict[str, str]


class CameOut(shell.Out):
    """Enquiries by what became of them. leads: how many leads they are, of those that the token's user sees, and how many of these were
    converted; null for whoever reads no leads."""

    held: int
    waiting: int
    taken: int
    discarded: int
    last: shell.Moment | None
    leads: int | None
    converted: int | None


class WebFormOut(shell.Out):
    """A form. address: its page; embed_address: for an iframe on the websites of hosts. owner_gone: whose its leads are works here no longer or
    sees none, so the rules of assignment decide. came: what came of it."""

    id: UUID
    version: int
    name: str
    state: str
    address: str
    embed_address: str | None
    fields: list[FormFieldOut]
    texts: dict[str, dict[str, str]]
    source: str | None
    campaign: str | None
    lead_owner_id: UUID | None
    owner_gone: bool
    purpose_id: UUID | None
    confirmed: str
    hosts: list[str]
    redirect_url: str | None
    came: CameOut
    created_at: shell.Moment
    updated_at: shell.Moment


class EnquiryAnswerOut(shell.Out):
    """What was typed in one field, and what the field is called."""

    field: str
    label: str
    value: Any


class EnquiryOut(shell.Out):
    """What somebody sent. held_for: why it is held back, reason: the same in words. confirmed_at: when he confirmed his address. lead_id: what
    it became, for whoever sees that lead."""

    model_config = ConfigDict(json_schema_extra={"examples": [HELD]})
    id: UUID
    version: int
    form_id: UUID
    form_name: str
    state: str
    held_for: Literal[HELD_FOR] | None
    reason: str | None
    said: list[EnquiryAnswerOut]
    language: str
    confirmed_at: shell.Moment | None
    decided_at: shell.Moment | None
    lead_id: UUID | None
    created_at: shell.Moment
    updated_at: shell.Moment
