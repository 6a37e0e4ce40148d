"""A web form for tests, and strangers who fill it in."""

from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

from sqlalchemy import select, text

from core.base.context import Actor, as_actor, make_context, system
from core.intake import forms, links, receiving
from core.leads import clock
from core.notifications.models import Notification
from core.post.models import OutgoingMail
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


def stamp_of(house, code, *, now=None, seconds=20):
    """What the form says that was opened so many seconds ago: whoever sends it at once is no person."""
    with as_stranger(house, now=(now or entry.utcnow()) - timedelta(seconds=seconds)) as ctx:
        return links.stamp(ctx, forms.by_code(ctx, code).id)


def sent(house, code, *, seconds=20, now=None, lang="en", **rest):
    """The key of what a stranger sent, after so many seconds. agreed: he ticked the box, in the words of now."""
    now = now or entry.utcnow()
    given = {"name": "Ada Lace", "mail": f"ada-{uuid4().hex[:6]}@people.example", "message": "Forty trays?"} | rest.pop("given", {})
    stamp = stamp_of(house, code, now=now, seconds=seconds)
    with as_stranger(house, now=now, lang=lang) as ctx:
        form = forms.by_code(ctx, code)
        rest["agreed"] = receiving.wording_of(ctx, form, lang).id if rest.pop("agreed", False) else None
        return receiving.receive(ctx, form, given, **({"stamp": stamp, "lang": lang, "address": "192.0.2.1"} | rest)).id


def letter(house, key):
    """The path on the tenant's host to which the sender's letter leads."""
    with house.ctx() as ctx:
        link = ctx.session.execute(select(OutgoingMail.params).where(OutgoingMail.about_id == key).order_by(OutgoingMail.id.desc()).limit(1)).scalar_one()["link"]
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}"


def hours_go_by(house, hours):
    """The clock on the wall stands; what it is compared with moves back."""
    with house.ctx() as ctx:
        ctx.session.execute(text("UPDATE lead SET answer_due_at = answer_due_at - :gone * interval '1 hour', answer_warn_at = answer_warn_at - :gone * interval '1 hour'"), {"gone": hours})
    with house.ctx() as ctx:  # the clock of the servers may be quicker
        clock.watch(as_actor(ctx, system("watching")))


def told(house, lead):
    """[(who, of what)] of the reminders about a lead."""
    names = {user.id: who for who, user in house.users.items()}
    with house.ctx() as ctx:
        rows = ctx.session.execute(select(Notification).where(Notification.record_id == lead, Notification.kind == "reminder")).scalars()
        return sorted((names[row.user_id], row.params["say"]) for row in rows)
