"""A sample company per language, built by the same use cases as a person's own work, and taken away by one button.

Its rows carry an external id that begins with "sample:", so filling twice makes nothing twice, and removing finds
exactly them. Removed means the recycle bin: whatever somebody wrote on a sample account can be brought back. A mailing
is a sample while it has a sample's name and goes to the samples' tag alone: renamed, it is somebody's own and stays.

Nobody real is ever written to: all addresses end in .example, and only the demo tenant, whose mails end in a local
catcher, gets a mailing that is sent.
"""

import json
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import array

from core.activities.actions import log_activity
from core.base.context import Context
from core.base.errors import Forbidden
from core.base.hiding import unhidden
from core.base.outbox import Order, defer
from core.base.policy import require
from core.base.rooms import is_off
from core.credit.actions import set_grade
from core.deals.actions import delete_deal
from core.deals.models import Deal
from core.leads.actions import delete_lead
from core.leads.models import Lead
from core.mailings import drafting, running, unsubscribing
from core.mailings.models import Mailing, MailingRecipient
from core.parties import actions, affiliations, reach
from core.parties.birthdays import in_year
from core.parties.models import Account, Contact
from core.personal.actions import add_fact
from core.tagging.models import Tag
from core.tags.queries import MODELS
from infra import i18n
from tenants.samples import asked, dealt, led, own, written
from tenants.samples.beside import PREFIX

HERE = Path(__file__).parent
NOBODY = ".example"
FILL, REMOVE = "samples.fill", "samples.remove"


class Progress(NamedTuple):
    """done of all companies are there; running: a job fills or removes them now."""

    done: int
    all: int
    running: bool


@lru_cache
def scene(locale: str) -> dict[str, Any]:
    """The sample company of a language."""
    return json.loads((HERE / f"{i18n.language(locale)}.json").read_text(encoding="utf-8"))


def order_fill(ctx: Context) -> None:
    """Leave the order to fill this tenant in the actor's language. Refused for whom fields of records are withheld from:
    the job acts as him, and samples have them all."""
    require(ctx, "settings.manage")
    _check_whole(ctx)
    defer(ctx, FILL, user_id=ctx.actor.id, locale=ctx.locale)


def order_removal(ctx: Context) -> None:
    """Leave the order to take all samples away; refused as filling is."""
    require(ctx, "settings.manage")
    _check_whole(ctx)
    defer(ctx, REMOVE, user_id=ctx.actor.id)


def _check_whole(ctx: Context) -> None:
    if ctx.actor.protected:
        raise Forbidden("field_protected")


def fill_one(ctx: Context, locale: str, index: int) -> bool:
    """Make one company with its people and its log; False where it stands already. Jobs call it for each index."""
    key, given = f"{PREFIX}{index}", scene(locale)["accounts"][index]
    led.make(ctx, scene(locale), index, _form_names())
    known = ctx.session.execute(select(Account).where(Account.external_id == key)).scalar_one_or_none()
    if known is not None:
        _bring_back(ctx, known)
        return False
    tag = scene(locale)["tag"]
    fields = ("name", "city", "country", "industry", "employees", "website")
    account = actions.create_account(
        ctx, **{name: given[name] for name in fields}, **own.values_for(ctx, locale, index), is_customer=given["customer"], tags=[tag], source=tag, external_id=key
    )
    people = [_person(ctx, account, one, tag, f"{key}.{n}") for n, one in enumerate(given["people"])]
    _ways_to_reach(ctx, account, people[0], given)
    _know(ctx, people[0], given.get("known", []))
    if "deal" in given:
        dealt.make(ctx, account, people[0], given["deal"], key, tag)
    if "credit" in given:
        set_grade(ctx, account, **given["credit"], until_on=ctx.today + timedelta(days=365))
    for kind, days_ago, text, next_days, note in given["log"]:
        _entry(ctx, account, people[0], kind, days_ago, text, next_days, note)
    ctx.session.execute(update(Tag).where(Tag.name == tag, Tag.version == 1, Tag.colour == "grey").values(colour="violet"))
    return True


def draft_mailing(ctx: Context, locale: str, which: str = "draft") -> Mailing | None:
    """Draft the scene's mailing ("draft" or "sent") to the samples' tag; None where it stands already, or mailings are off."""
    given = scene(locale)[which]
    if is_off(ctx, "mailings") or any(mailing.name == given["name"] for mailing in _mailings(ctx)):
        return None
    return drafting.draft_mailing(ctx, **given, tags=[scene(locale)["tag"]])


def send_mailing(ctx: Context, locale: str) -> bool:
    """The demo's sent mailing, whose first recipient has left; its senders are ordered like any other's. False where it
    stands already, or where somebody real wears the samples' tag by now: then it is not even drafted."""
    tag = scene(locale)["tag"]
    known = select(Contact.mail_norm).where(Contact.tags.contains([tag]), Contact.mail_norm.is_not(None), Contact.deleted_at.is_(None))
    if not all(mail.endswith(NOBODY) for mail in ctx.session.execute(known).scalars()):
        return False
    mailing = draft_mailing(ctx, locale, "sent")
    if mailing is None:
        return False
    ctx.session.flush()  # it is started by its key
    running.start_mailing(ctx, mailing.id)
    first = ctx.session.execute(select(MailingRecipient).where(MailingRecipient.mailing_id == mailing.id).order_by(MailingRecipient.id).limit(1)).scalar_one()
    unsubscribing.unsubscribe(ctx, unsubscribing.make_token(ctx.tenant, unsubscribing.link_for(ctx, first.address, first.id)))
    return True


def remove_all(ctx: Context) -> int:
    """Put every sample into the recycle bin, and throw sample mailings away; returns how many rows. Safe to repeat."""
    mailings = _mailings(ctx)
    for mailing in mailings:
        ctx.session.delete(mailing)  # a sent one too, unlike a real one: nobody has got it who could ask for it
    contacts = _alive(ctx, Contact)
    accounts = _alive(ctx, Account)
    for deal in _alive(ctx, Deal):
        delete_deal(ctx, deal)
    if not is_off(ctx, "leads"):
        for lead in _alive(ctx, Lead):
            delete_lead(ctx, lead)
        written.remove(ctx, _form_names())
    for contact in contacts:
        actions.delete_contact(ctx, contact)
    for account in accounts:
        actions.delete_account(ctx, account)
    ctx.session.flush()
    own.remove(ctx)
    _forget_tags(ctx)
    return len(contacts) + len(accounts) + len(mailings)


def progress(ctx: Context) -> Progress:
    """How far it is; two statements."""
    count = select(func.count()).select_from(Account).where(Account.external_id.startswith(PREFIX), Account.deleted_at.is_(None))
    running = select(Order.id).where(Order.name.in_((FILL, REMOVE)), Order.state.in_(("waiting", "running"))).limit(1)
    with unhidden(ctx.session):  # how many there are tells no number
        number = ctx.session.execute(count).scalar_one()
    return Progress(number, len(scene(ctx.locale)["accounts"]), ctx.session.execute(running).first() is not None)


def _person(ctx: Context, account: Account, given: dict[str, Any], tag: str, key: str) -> Contact:
    return actions.create_contact(ctx, **given, account_id=account.id, tags=[tag], source=tag, external_id=key, language=ctx.locale)


def _ways_to_reach(ctx: Context, account: Account, person: Contact, given: dict[str, Any]) -> None:
    """Further values of its first person, further addresses; the role of somebody at the company made before."""
    further = given.get("reach", {})
    for kind, value, label, service in further.get("points", ()):
        reach.add_point(ctx, person, kind, value, label=label, service=service)
    for address in further.get("addresses", ()):
        reach.add_address(ctx, account, **address)
    first = ctx.session.execute(select(Account.id).where(Account.external_id == f"{PREFIX}0", Account.deleted_at.is_(None))).scalar_one_or_none() if "also" in given else None
    if first is not None:
        affiliations.affiliate(ctx, person, first, title=given["also"])


def _know(ctx: Context, person: Contact, facts: list[list[str]]) -> None:
    """What suits the first person of a company, what is known of her, and her birthday in some days."""
    if not facts:
        return
    born = in_year(ctx.today + timedelta(days=4), ctx.today.year - 42)
    actions.edit_contact(ctx, person, birthday=born, preferred_channel="phone", preferred_hours="Mon-Fri 09:00-12:00", timezone=ctx.timezone)
    for kind, text in facts:
        add_fact(ctx, person, kind=kind, body=text)


def _entry(ctx: Context, account: Account, person: Contact, kind: str, days_ago: int, text: str, next_days: int | None, note: str | None) -> None:
    planned = ctx.today + timedelta(days=next_days) if next_days is not None else None
    happened = ctx.now - timedelta(days=days_ago, hours=2)
    then = replace(ctx, now=happened) if planned and planned < ctx.today else ctx  # what is overdue was planned in time
    is_asked = kind == "call" and next_days == 1
    entry = log_activity(then, kind=kind, account=account, contact=person, body=text, happened_at=happened, next_contact=asked.at_ten(ctx, planned) if is_asked else planned, next_contact_note=note)
    if is_asked:
        asked.say_yes(ctx, entry, person)
    if then is not ctx:
        entry.reminded_at = ctx.now  # nobody is reminded of a sample that came overdue


def _forget_tags(ctx: Context) -> None:
    """The samples' tags, unless a record of the workspace's own has one."""
    has = [select(literal(1)).where(model.tags.contains(array([Tag.name])), model.deleted_at.is_(None)).exists() for model in MODELS.values()]
    ctx.session.execute(delete(Tag).where(Tag.name.in_([scene(locale)["tag"] for locale in i18n.LANGUAGES]), ~or_(*has)))


def _bring_back(ctx: Context, account: Account) -> None:
    """Removed before and wanted again: out of the recycle bin, with its people."""
    if account.deleted_at is None:
        return
    actions.restore_account(ctx, account)
    dealt.bring_back(ctx, account)
    query = select(Contact).where(Contact.account_id == account.id, Contact.external_id.startswith(PREFIX), Contact.deleted_at.is_not(None))
    for contact in ctx.session.execute(query).scalars():
        actions.restore_contact(ctx, contact)


def _mailings(ctx: Context) -> list[Mailing]:
    """The sample mailings that are there, of whatever language."""
    scenes = [scene(locale) for locale in i18n.LANGUAGES]
    names, tags = [one[which]["name"] for one in scenes for which in ("draft", "sent")], [[one["tag"]] for one in scenes]
    return list(ctx.session.execute(select(Mailing).where(Mailing.name.in_(names), Mailing.tags.in_(tags))).scalars())


def _form_names() -> list[str]:
    """What the sample form is called, in whatever language."""
    return [scene(locale)["form"]["name"] for locale in i18n.LANGUAGES]


def _alive(ctx: Context, model: Any) -> list:
    query = select(model).where(model.external_id.startswith(PREFIX), model.deleted_at.is_(None)).order_by(model.id)
    return list(ctx.session.execute(query).scalars())


def in_language(ctx: Context, locale: str) -> Context:
    """The same transaction in the language that was asked for."""
    return replace(ctx, locale=i18n.language(locale))
