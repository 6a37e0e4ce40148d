"""A web form for tests, and strangers who fill it in."""

from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

from core.base.context import Actor, make_context
from core.intake import forms, links, receiving
from tenants import entry

FIELDS = [{"name": "name", "needed": True, "labels": {}}, {"name": "company", "needed": False, "labels": {}}, {"name": "mail", "needed": True, "labels": {}}, {"name": "message", "needed": False, "labels": {"es": "Su consulta"}}]
TEXTS = {"en": {"title": "Write to us", "thanks": "We will be in touch."}, "es": {"title": "Escríbanos"}}


def build(house, **given):
    """(key, code) of a form of the house."""
    values = {"name": f"Form {uuid4().hex[:6]}", "fields": FIELDS, "texts": TEXTS, "confirmed": "never"} | given
    with house.ctx() as ctx:
        made = forms.save_form(ctx, None, **values)
        return made.id, made.code


@contextmanager
def as_stranger(house, *, now=None, lang="en"):
    """A context as the web door makes it for nobody, on the tenant's public pages."""
    tenant = house.fresh()
    with entry.enter(tenant) as session:
        actor = Actor(id=None, name="", kind="public", permissions=frozenset({"enquiries.send"}), visibility="all")
        yield make_context(session, actor, tenant.ref(f"http://{house.host}"), now or entry.utcnow(), locale=lang)


def sent(house, code, *, seconds=20, now=None, lang="en", **rest):
    """The key of what a stranger sent, after so many seconds. agreed: he ticked the box, in the words of now."""
    now = now or entry.utcnow()
    given = {"name": "Ada Lace", "mail": f"ada-{uuid4().hex[:6]}@people.example", "message": "Forty trays?"} | rest.pop("given", {})
    with as_stranger(house, now=now - timedelta(seconds=seconds)) as ctx:
        stamp = links.stamp(ctx, forms.by_code(ctx, code).id)
    with as_stranger(house, now=now, lang=lang) as ctx:
        form = forms.by_code(ctx, code)
        rest["agreed"] = receiving.wording_of(ctx, form, lang).id if rest.pop("agreed", False) else None
        return receiving.receive(ctx, form, given, **({"stamp": stamp, "lang": lang, "address": "192.0.2.1"} | rest)).id
