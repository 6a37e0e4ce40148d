"""A document laid out for print: every text, number and day as it is to be read, and nothing that Typst would have to work out."""

import base64
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from core.base.words import N_
from core.documents.design import Design
from core.documents.paper import ITEM, OPTIONAL, SECTION, Paper, PaperLine, PaperParty
from core.documents.rules import filled
from core.documents.wording import Say
from core.documents.words import CHOICES, COLUMN_LABELS, STATES, TITLES
from infra import i18n, references

NUMBERS = frozenset({"quantity", "unit_price", "discount", "amount"})
NOTHING = Decimal(0)


def sheet(paper: Paper, design: Design) -> dict[str, Any]:
    """What infra/print/document.typ shows."""
    say = Say(paper.language, paper.currency)
    values = placeholders(paper, say)
    link = paper.link if paper.link.startswith(("https://", "http://")) and design.show_code else ""
    columns = shown_columns(paper, design)
    return {
        "lang": i18n.html_lang(paper.language).split("-")[0], "title": title_of(paper, design, say), "mark": say(STATES[paper.state]) if paper.state in STATES else "",
        "design": _design(design, values), "foot_lines": max(1, *(len(part) for part in _footer(design, values))), "logo": _emblem(design.logo), "pages": _pages(say),
        "seller": _party(paper.seller, say), "customer": _party(paper.customer, say), "sender": " · ".join((paper.seller.name, *paper.seller.lines)),
        "words": {"to": say(N_("To")), "from": say(N_("Sender")), "terms": say(N_("Terms")), "logo": paper.seller.name, "check": say(N_("See whether this document is still valid:")), "code": say(N_("QR code of this document's page"))},
        "facts": _facts(paper, say), "subject": paper.subject, "intro": blocks(paper.intro or filled(design.intro or "", values)),
        "closing": blocks(paper.closing or filled(design.closing or "", values)), "terms": blocks(paper.terms or filled(design.terms or "", values)),
        "columns": [{"heading": heading_of(one, design, say), "wide": one == "name", "number": one in NUMBERS} for one in columns],
        "rows": _rows(paper, design, columns, say), "totals": [] if paper.gross else _sums(paper, say), "total": [say(N_("Total")), say.money(paper.total)],
        "after": [*(_sums(paper, say) if paper.gross else []), *_options(paper, design, say)],
        "note": say.listed([paper.tax_note, say(N_("Prices hold the taxes.")) if paper.gross else ""]), "link": link, "code": references.qr_svg(link) if link else "",
    }


def placeholders(paper: Paper, say: Say) -> dict[str, str]:
    """What the placeholders of a template stand for."""
    return {
        "number": paper.number, "version": str(paper.version), "date": say.day(paper.on), "valid_until": say.day(paper.valid_until), "customer": paper.customer.name,
        "person": paper.customer.person, "subject": paper.subject, "seller": paper.seller.name, "owner": paper.owner.person or paper.owner.name, "owner_mail": paper.owner.mail,
        "owner_phone": paper.owner.phone, "total": say.money(paper.total), "currency": paper.currency,
    }


def title_of(paper: Paper, design: Design, say: Say) -> str:
    """The title that the template gives, else that of its kind."""
    return filled(design.title or say(TITLES.get(paper.kind, TITLES["quote"])), placeholders(paper, say))


def shown_columns(paper: Paper, design: Design) -> list[str]:
    """The template's, without those in which no line says anything."""
    return [one for one in design.columns if one in ("name", "amount") or any(_has(line, one) for line in paper.lines if line.kind == ITEM)]


def heading_of(column: str, design: Design, say: Say) -> str:
    """The template's own word over a column, else that of the document's language; amounts name the currency."""
    own = design.headings.get(column)
    said = own or say(COLUMN_LABELS[column])
    return f"{said} ({say.currency})" if column == "amount" and not own else said


def blocks(text: str) -> list[list[str]]:
    """Paragraphs and their lines."""
    return [part.split("\n") for part in text.strip().split("\n\n") if part.strip()] if text.strip() else []


def sections(lines: Iterable[PaperLine]) -> list[tuple[PaperLine | None, list[PaperLine]]]:
    """(the line that opens it, its lines); what stands before the first section has none."""
    found: list[tuple[PaperLine | None, list[PaperLine]]] = [(None, [])]
    for line in lines:
        if line.kind == SECTION:
            found.append((line, []))
        else:
            found[-1][1].append(line)
    return [one for one in found if one[0] or one[1]]


def sum_of(lines: Iterable[PaperLine]) -> Decimal:
    """What is part of the totals."""
    return sum((line.amount for line in lines if line.counted and line.amount is not None), NOTHING)


def sum_of_options(paper: Paper) -> Decimal:
    """Options that nobody chose."""
    return sum((line.amount for line in paper.lines if line.choice == OPTIONAL and not line.counted and line.amount is not None), NOTHING)


def tax_label(tax: Any, say: Say) -> str:
    """As it stands in the totals."""
    return say(N_("%(tax)s on %(amount)s"), tax=tax.label, amount=say.amount(tax.taxable))


def _has(line: PaperLine, column: str) -> bool:
    return bool(getattr(line, column)) if column != "unit_price" else line.unit_price is not None


def _rows(paper: Paper, design: Design, columns: list[str], say: Say) -> list[dict[str, Any]]:
    labels, rows = {tax.code: f"{say.number(tax.percent)} %" for tax in paper.taxes}, []
    for head, lines in sections(paper.lines):
        if head:
            rows.append({"kind": "section", "name": f"{head.position} {head.name}".strip(), "lines": head.description.split("\n") if head.description else []})
        rows += [_row(line, design, columns, labels, say) for line in lines]
        if head and design.show_section_sums and any(line.kind == ITEM for line in lines):
            rows.append({"kind": "sum", "name": say(N_("Total of %(name)s"), name=head.name), "amount": say.amount(sum_of(lines))})
    return rows


def _row(line: PaperLine, design: Design, columns: list[str], labels: Mapping[str, str], say: Say) -> dict[str, Any]:
    if line.kind != ITEM:
        return {"kind": "text", "lines": [*([line.name] if line.name else []), *(line.description.split("\n") if line.description else [])] or [""]}
    said = {
        "position": line.position, "sku": line.sku, "quantity": say.number(line.quantity), "unit": line.unit, "unit_price": say.price(line.unit_price),
        "discount": f"{say.number(line.discount)} %" if line.discount else "", "taxes": ", ".join(labels.get(code, code) for code in line.taxes), "amount": say.amount(line.amount),
    }
    return {"kind": "item", "counted": line.counted, "cells": [_named(line, design, say) if one == "name" else said[one] for one in columns]}


def _named(line: PaperLine, design: Design, say: Say) -> dict[str, Any]:
    mark = say(CHOICES[line.choice]) if line.choice in CHOICES else ""
    if mark and not line.counted:
        mark = say(N_("%(choice)s, not in the total"), choice=mark)
    return {"name": line.name, "mark": mark, "lines": line.description.split("\n") if line.description else [], "reason": line.reason if design.show_reasons else ""}


def _sums(paper: Paper, say: Say) -> list[list[str]]:
    """Net and taxes; nothing where there is no tax to tell."""
    return [[say(N_("Net")), say.money(paper.net)], *([tax_label(tax, say), say.money(tax.amount)] for tax in paper.taxes)] if paper.taxes else []


def _options(paper: Paper, design: Design, say: Say) -> list[list[str]]:
    found = sum_of_options(paper)
    return [[say(N_("Options not in the total")), say.money(found)]] if design.show_option_sum and found else []


def _facts(paper: Paper, say: Say) -> list[list[str]]:
    number = f"{paper.number} ({say(N_('version %(number)s'), number=paper.version)})" if paper.version > 1 else paper.number
    owner = paper.owner.person or paper.owner.name
    facts = [
        (say(N_("Number")), number), (say(N_("Date")), say.day(paper.on)), (say(N_("Valid until")), say.day(paper.valid_until)),
        (say(N_("State")), say(STATES[paper.state]) if paper.state in STATES else ""), (say(N_("Your contact")), owner), (say(N_("Mail")), paper.owner.mail), (say(N_("Phone")), paper.owner.phone),
    ]
    return [[label, value] for label, value in facts if value]


def _party(party: PaperParty, say: Say) -> dict[str, Any]:
    tax = say(N_("VAT number %(number)s"), number=party.tax_id) if party.tax_id else ""
    return {"name": party.name, "rows": [row for row in (party.person, *party.lines, tax) if row]}


def _design(design: Design, values: Mapping[str, str]) -> dict[str, Any]:
    letterhead = filled(design.letterhead or "", values)
    return {
        "layout": design.layout, "colour": design.colour, "font": design.font, "paper": design.paper, "terms_on_new_page": design.terms_on_new_page,
        "margins": [design.margin_top, design.margin_right, design.margin_bottom, design.margin_left],
        "letterhead": letterhead.split("\n") if letterhead else [], "footer": _footer(design, values),
    }


def _footer(design: Design, values: Mapping[str, str]) -> list[list[str]]:
    return [filled(part, values).split("\n") if part else [""] for part in (design.footer_left, design.footer_middle, design.footer_right)]


def _pages(say: Say) -> list[str]:
    """"Page 1 of 2" in pieces; the printer knows the numbers. What is said begins with a full stop, so that no word is taken for a number."""
    said = say(N_("Page %(page)s of %(pages)s"), page="\0page\0", pages="\0pages\0")
    return [part if at % 2 else f".{part}" for at, part in enumerate(said.split("\0")) if part]


def _emblem(logo: bytes | None) -> str:
    """The picture inside an SVG of ours: it reaches the printer as text, as everything does."""
    if not logo:
        return ""
    width, height = int.from_bytes(logo[16:20], "big"), int.from_bytes(logo[20:24], "big")  # of a PNG's head
    data = base64.b64encode(logo).decode()
    head = f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
    return f'{head}<image width="{width}" height="{height}" xlink:href="data:image/png;base64,{data}"/></svg>'


