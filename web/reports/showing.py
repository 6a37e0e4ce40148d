"""What a report tells, laid out for its page and its sheet: figures, and its lines in sections; contacts and what comes next by account."""

from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

from flask import url_for

from core.base.context import Context
from core.reports.composing import MOST
from core.reports.models import SECTIONS
from core.reports.queries import Content, Told
from core.reports.rules import Span
from core.reports.saying import said
from core.reports.words import SECTION_LABELS, TOLD_HUES, TOLD_LABELS
from infra import i18n
from web.deals.saying import money
from web.filters import number

PAGES = {"account": "accounts.show", "contact": "contacts.show", "deal": "deals.show", "quote": "quotes.show", "lead": "leads.show"}
GROUPED = ("contacts",)


def laid(ctx: Context, span: Span, content: Content) -> dict[str, Any]:
    """title, figures: (label, text, note), sections: (title, groups of (name, href, lines)), partly, more: titles of sections that tell the first most alone."""
    by_section: dict[str, list[Told]] = defaultdict(list)
    for one in content.lines:
        by_section[one.line.section].append(one)
    sections = [{"title": SECTION_LABELS[name], "key": name, "groups": _groups(name, by_section[name])} for name in SECTIONS if by_section[name]]
    return {"title": said(ctx, span), "figures": _figures(ctx, by_section), "sections": sections, "partly": content.partly, "more": [SECTION_LABELS[name] for name in content.more], "most": MOST, "hues": TOLD_HUES, "words": TOLD_LABELS, "money": _money, "href": _href, "place": _place}


def _groups(section: str, lines: list[Told]) -> list[dict[str, Any]]:
    """Of contacts those with one account together, in the order of their first; of the rest one group."""
    if section not in GROUPED:
        return [{"name": "", "href": "", "lines": lines}]
    found: dict[Any, list[Told]] = {}
    for one in lines:
        found.setdefault((one.kind, one.key), []).append(one)
    return [{"name": group[0].name, "href": _href(group[0]), "lines": group} for group in found.values()]


def _figures(ctx: Context, sections: dict[str, list[Told]]) -> list[dict[str, str]]:
    """So many of each kind: what was done in figures, with the amounts beside them. A quote that was sent and accepted counts once."""
    found = []
    if contacts := Counter(one.line.what for one in sections["contacts"]):
        kinds = ", ".join(f"{_(ctx, TOLD_LABELS[kind])} {number(count)}" for kind, count in contacts.most_common())
        found.append({"label": _(ctx, SECTION_LABELS["contacts"]), "value": number(contacts.total()), "note": kinds})
    for section in ("promises", "deals", "quotes", "leads"):
        if lines := sections[section]:
            states = Counter(one.line.what for one in lines)
            note = ", ".join(f"{_(ctx, TOLD_LABELS[what])} {number(count)}{_sum([one for one in lines if one.line.what == what])}" for what, count in states.most_common())
            # A promise made and kept at once is no two of them, and its lines do not say that they are one.
            value = "" if section == "promises" else number(len({one.key for one in lines}))
            found.append({"label": _(ctx, SECTION_LABELS[section]), "value": value, "note": note})
    return found


def _sum(lines: list[Told]) -> str:
    """What they come to, each currency by itself."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for one in lines:
        if one.line.amount is not None and one.line.currency:
            sums[one.line.currency] += one.line.amount
    return f" ({' + '.join(money(amount, currency) for currency, amount in sorted(sums.items()))})" if sums else ""


def _money(told: Told) -> str:
    return money(told.line.amount, told.line.currency) if told.line.amount is not None and told.line.currency else ""


def _href(told: Told) -> str:
    return url_for(PAGES[told.kind], id=told.key)


def _place(told: Told) -> str:
    """Whose it is, beside its own name."""
    return " · ".join(dict.fromkeys(name for name in (told.account, told.contact) if name and name != told.name))


def _(ctx: Context, text: str) -> str:
    return i18n.gettext(ctx.locale, text)
