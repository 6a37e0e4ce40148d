"""Three records with a value of its own in every field that a role may hide, and how each of them may be spelled where it is told."""

import re

from core.base import hiding
from core.deals import actions as deals
from core.deals import competitors, lines, moving, pipelines
from core.leads import actions as leads
from core.leads import converting
from core.leads.score_models import LeadScore
from core.parties import actions, affiliations, marks, reach
from core.products import actions as goods
from core.quotes import drafting

C = "canary"
# One field of the workspace's own on each; its values are keys of one column (core.base.hiding).
OWN = {f"{room}.custom.hush" for room in hiding.GUARDED}
ALL = sorted({f"{room}.{name}" for room, one in hiding.GUARDED.items() for name in one.hideable} | OWN)
ACCOUNT = {
    "phone": "+49 431 7771234", "mail": f"office@{C}.example", "website": f"{C}-site.example", "industry": f"{C} industry", "employees": "4217", "annual_revenue": "8675309",
    "currency": "XPF", "founded_year": "1873", "vat_id": "DE136695976", "tax_relief": "AE", "street": f"{C} street 1", "postcode": "CN4RY", "city": f"{C} town", "region": f"{C} region", "country": f"{C} land",
    "tags": [f"{C}mark"], "source": f"{C} origin", "external_id": "CNR-1", "notes": f"{C} remarks", "custom.hush": f"{C} theirs",
}
CONTACT = {
    "phone": "+49 431 7771235", "mobile": "+49 171 7771236", "mail": f"ada@{C}.example", "how_to_address": f"{C} greeting", "job_title": f"{C} title", "language": "fi",
    "birthday": "1961-07-19", "preferred_channel": "visit", "preferred_hours": "Mon-Tue 03:07-04:09", "timezone": "Etc/GMT-14", "tags": [f"{C}tag"], "source": f"{C} source", "external_id": "CNR-2", "notes": f"{C} notes", "custom.hush": f"{C} own",
    # A key that stands for whoever it is (`make`), and where each of these is known from.
    "referred_by_id": "00000000-0000-7000-8000-000000000001", "birthday_source": f"{C} aunt", "language_source": f"{C} letter", "preferred_channel_source": f"{C} call",
    "preferred_hours_source": f"{C} secretary", "referred_by_source": f"{C} patronage",
}
PRODUCT = {"description": f"{C} wares", "cost": "3456.7891", "tags": [f"{C}wareword"], "custom.hush": f"{C} goods"}
DEAL = {
    "amount": "7654321.98", "probability": "37", "closes_on": "2031-03-07", "source": f"{C} fair", "campaign": f"{C} campaign", "loss_reason": f"{C} rival", "notes": f"{C} plan", "external_id": "CNR-6", "tags": [f"{C}dealword"], "custom.hush": f"{C} bargain",
}
LEAD = {
    "job_title": f"{C} chief", "mail": f"lead@{C}.example", "phone": "+49 431 7771240", "language": "mt", "postcode": "LD4RY", "city": f"{C} port", "country": f"{C} realm", "interest": f"{C} wish", "message": f"{C} letter", "source": f"{C} advert",
    "campaign": f"{C} spring", "notes": f"{C} hint", "external_id": "CNR-7", "tags": [f"{C}leadword"], "score": "83917", "custom.hush": f"{C} chance",
}
QUOTE = {"notes": f"{C} margin note", "custom.hush": f"{C} tender"}
# What a second record of each kind says otherwise, for pages that lay the two side by side.
TWINS = {
    "account": {"industry": f"{C} trade", "city": f"{C} hamlet", "notes": f"{C} footnote", "employees": "4218", "custom.hush": f"{C} theirs too"},
    "contact": {"job_title": f"{C} rank", "source": f"{C} spring", "notes": f"{C} marginal", "language": "et", "custom.hush": f"{C} own too"},
}
# Where a value is written otherwise than it was typed (a day in a workbook is a number), or was changed after.
OTHERWISE = {
    "products.cost": ("3456.7891", "3,456.7891"), "accounts.phone": ("7771234", "7771239"), "contacts.phone": ("7771235",), "contacts.mobile": ("7771236",), "accounts.employees": ("4217", "4,217", "4218", "4,218"), "accounts.annual_revenue": ("8675309", "8,675,309"),
    "accounts.vat_id": ("136695976",), "accounts.tax_relief": ('"tax_relief":"AE"', ",Reverse charge,", ">Reverse charge<"), "contacts.mail": (f"ada@{C}.example", f"ada2@{C}.example"), "contacts.language": ("Finnish", "Estonian", '"language":"fi"', ",fi,", ">fi<"), "contacts.birthday": ("1961-07-19", "Jul 19, 1961", "22481"),
    "deals.amount": ("7654321", "7,654,321", "4321098", "4,321,098", "11975420", "11,975,420", "3210987", "3,210,987"), "deals.probability": ('"probability":37', "EUR,37,", ">37<", "37 %", "2832099", "2,832,099"), "deals.closes_on": ("2031-03-07", "Mar 7, 2031", "47914", "3/7/31"),
    "leads.phone": ("7771240",), "leads.language": ("Maltese", '"language":"mt"', ",mt,", ">mt<"), "leads.score": ("83917", "83,917"),
    "contacts.preferred_channel": ('"preferred_channel":"visit"', ",Visit,", ">Visit<"), "contacts.preferred_hours": ("03:07",), "contacts.timezone": ("GMT-14",), "contacts.referred_by_id": ('"referred_by_id":"', f"{C} patronage"), "contacts.notes": (f"{C} notes", f"{C} again", f"{C} bulk"),
}
# What hangs on a record and is hidden with one of its fields.
BESIDE = {
    "further phone": ("7771238",), "further mail": (f"third@{C}.example",), "messenger": (f"{C}msg",), "further street": (f"{C} lane",), "recipient": (f"{C} hall",), "further city": (f"{C} village",),
    "further region": (f"{C} county",), "further country": (f"{C} kingdom",), "role": (f"{C} adviser",), "department": (f"{C} board",), "mark": (f"{C} note",),
}


def _spelled() -> dict[str, tuple[str, ...]]:
    found = {}
    for room, values in (("accounts", ACCOUNT), ("contacts", CONTACT), ("products", PRODUCT), ("deals", DEAL), ("leads", LEAD), ("quotes", QUOTE)):
        for name, value in values.items():
            found[f"{room}.{name}"] = OTHERWISE.get(f"{room}.{name}", tuple(value) if isinstance(value, list) else (value,))
    return found


# Field -> its spellings; one of them is to be seen where nothing is hidden, none where it is.
SPELLED = _spelled()
COMMON = (">Visit<", ">Reverse charge<")  # tell it in a workbook alone: pages have buttons and choices that are called so
TELLING = tuple(dict.fromkeys((C, *(one for each in (*SPELLED.values(), *BESIDE.values()) for one in each if one not in COMMON))))


def tells(text: str, telling: str) -> bool:
    """Whether a page says it: the digits of a key or a token that happen to be the same do not."""
    return re.search(rf"(?<![0-9a-f-]){re.escape(telling)}(?![0-9a-f-])", text) is not None if telling.isdigit() and len(telling) < 6 else telling in text


def told_in(text: str, typed: str = "") -> list[str]:
    """What of all that the text says; not what the reader has typed himself."""
    return [telling for telling in TELLING if tells(text, telling) and telling not in typed]


def unseen(told: set[str]) -> list[str]:
    """The fields, and what hangs beside, of which none of these spellings is one."""
    return sorted(name for name, spellings in (SPELLED | BESIDE).items() if not told.intersection(spellings))


def make(ctx):
    """The account and the contact, edited, with their twins and with one in the bin; keys by the beginning of an address."""
    account, patron = actions.create_account(ctx, name="Nordlicht", **ACCOUNT), actions.create_contact(ctx, name="Patron")
    ctx.session.flush()
    contact = actions.create_contact(ctx, name="Ada", account_id=account.id, **CONTACT | {"referred_by_id": patron.id})
    twin, double = actions.create_account(ctx, name="Nordlichter", **TWINS["account"]), actions.create_contact(ctx, name="Adda", **TWINS["contact"])
    ctx.session.flush()
    actions.edit_contact(ctx, contact, **{"custom.hush": f"{C} own again", "custom.shown": "plain"})
    actions.edit_contact(ctx, contact, notes=f"{C} again", mail=f"ada2@{C}.example")
    actions.edit_account(ctx, account, phone="+49 431 7771239")
    gone = actions.create_contact(ctx, name="Gone", **CONTACT | {"referred_by_id": patron.id, "external_id": "CNR-3", "mail": f"gone@{C}.example"})
    ctx.session.flush()
    actions.delete_contact(ctx, gone)
    product = goods.create_product(ctx, code="CNR-4", name="Nordlichtlampe", price="5000", **PRODUCT)
    ctx.session.flush()
    goods.edit_product(ctx, product, cost="3456.7891", description=f"{C} wares")
    found = deals_in(ctx, account, contact)
    return account, contact, {**found, **leads_in(ctx, account, contact), **quotes_in(ctx, account, contact), **_beside(ctx, account, contact), "account": account.id, "contact": contact.id, "account twin": twin.id, "contact twin": double.id, "/accounts/": account.id, "/contacts/": contact.id, "/products/": product.id}


def quotes_in(ctx, account, contact) -> dict:
    """A draft that was edited; its key."""
    quote = drafting.create_quote(ctx, name="Nordlichter Angebot", account_id=account.id, contact_id=contact.id, notes="before", **{"custom.hush": f"{C} bid"})
    ctx.session.flush()
    drafting.edit_quote(ctx, quote, **QUOTE)
    return {"/quotes/": quote.id}


def leads_in(ctx, account, contact) -> dict:
    """An open lead, one that became the account and the contact, and one in the bin; keys."""
    given = {name: value for name, value in LEAD.items() if name != "score"}
    lead, became, gone = (leads.create_lead(ctx, name=name, touch={"utm_source": f"{C} click"}, **given | {"external_id": f"{number}-CNR-7"}) for number, name in enumerate(("Nordlichtfreund", "Nordlichtkunde", "Nordlichtgast"), 1))
    ctx.session.flush()
    leads.edit_lead(ctx, lead, notes="before", external_id=LEAD["external_id"])
    leads.edit_lead(ctx, lead, notes=LEAD["notes"])
    converting.convert(ctx, became, account=account.id, contact=contact.id)
    leads.delete_lead(ctx, gone)
    ctx.session.add_all(LeadScore(lead_id=one.id, score=int(LEAD["score"]), at=ctx.now) for one in (lead, became))
    ctx.session.flush()
    return {"/leads/": lead.id, "lead converted": became.id, "/rankings/leads/": lead.id}


def deals_in(ctx, account, contact) -> dict:
    """An open deal, one of products, one that was won and one that was lost, with all that hangs on a deal; their keys."""
    links = {"account_id": account.id, "contact_id": contact.id}
    given = {name: value for name, value in DEAL.items() if name not in ("loss_reason", "campaign")}
    deal = deals.create_deal(ctx, name="Nordlichter Halle", **links, **given | {"amount": "1", "notes": "before"}, next_step="Call", next_step_on=ctx.today.isoformat())
    deals.edit_deal(ctx, deal, amount=DEAL["amount"], notes=DEAL["notes"], currency="EUR")
    deal.campaign, deal.first_touch = DEAL["campaign"], {"source": f"{C} touch"}
    priced = deals.create_deal(ctx, name="Nordlichter Turm", **links, currency="CHF")
    lines.save_lines(ctx, priced, [{"name": "Lamp", "quantity": "1", "unit_price": "3210987.65"}])
    way = pipelines.working(ctx)[0]
    ends = {stage.kind: stage.id for stage in way.stages if stage.kind != "open"}
    won = deals.create_deal(ctx, name="Nordlichter Tor", **links, amount="4321098.76", currency="EUR")
    lost = deals.create_deal(ctx, name="Nordlichter Dach", **links, amount="3210987.65", currency="SEK")
    moving.move_deal(ctx, won, ends["won"])
    moving.move_deal(ctx, lost, ends["lost"], loss_reason=DEAL["loss_reason"])
    rival = competitors.name_in_deal(ctx, lost, named="Sudlicht", took_it=True)
    gone = deals.create_deal(ctx, name="Nordlichter Keller", **links, amount="3210987.65", currency="SEK")
    deals.delete_deal(ctx, gone)
    ctx.session.flush()
    return {"/deals/board/lanes/": deal.stage_id, "/deals/": deal.id, "deal": deal.id, "deal lost": lost.id, "/rankings/deals/": deal.id, "/competitors/": rival.competitor_id, "deal stage": deal.stage_id, "lost stage": ends["lost"]}


def _beside(ctx, account, contact) -> dict:
    """Further values, addresses, a role and marks with a canary in each; their keys."""
    found = {}
    for room, party in (("accounts", account), ("contacts", contact)):
        for kind, value in (("phone", "+49 431 7771238"), ("messenger", f"{C}msg"), ("mail", f"third@{C}.example")):
            found[f"/{room}/contact-points/"] = reach.add_point(ctx, party, kind, value).id
        address = {"recipient": f"{C} hall", "street": f"{C} lane", "postcode": "CN4RY", "city": f"{C} village", "region": f"{C} county", "country": f"{C} kingdom"}
        found[f"/{room}/addresses/"] = reach.add_address(ctx, party, **address).id
        marks.mark_invalid(ctx, party, "mail", f"third@{C}.example", "left", note=f"{C} note")
    other = actions.create_account(ctx, name="Sudstern")
    ctx.session.flush()
    found["/affiliations/"] = affiliations.affiliate(ctx, contact, other.id, title=f"{C} adviser", department=f"{C} board").id
    return found
