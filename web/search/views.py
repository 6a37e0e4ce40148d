"""Search over everything that has a page: the palette's answers, and the same as a page of its own."""

from datetime import UTC
from itertools import groupby
from operator import itemgetter
from typing import Any

from flask import Blueprint, request, url_for

from core.activities.lines import read_line
from core.base.context import Context
from core.base.finding import words_of
from core.base.policy import has
from core.base.records import path_of
from core.base.words import N_
from core.search import queries
from web.guard import needs
from web.pages import page

bp = Blueprint("search", __name__)
# kind -> (heading of its group, icon)
KINDS = {
    "account": (N_("Accounts"), "building"), "contact": (N_("Contacts"), "user"), "deal": (N_("Deals"), "target-arrow"), "lead": (N_("Leads"), "user-search"), "quote": (N_("Quotes"), "file-invoice"), "product": (N_("Products"), "package"), "activity": (N_("Contact log"), "note"), "comment": (N_("Comments"), "message"),
    "mail_thread": (N_("Mails"), "mail"), "mailing": (N_("Mailings"), "mail"), "tag": (N_("Tags"), "tag"),
}
CALLED = ("account", "contact")
EXCERPT, MORE = 120, "\u2026"


@bp.get("/palette")
@needs("home.read")
def palette(ctx: Context):
    """Options for the palette, first a line that says what to do ("call Sofie tomorrow"); for=log: only whom a call can be logged for, each with the way to do that."""
    found = _found(ctx, 8)
    if request.args.get("for") == "log":
        found = [row | {"url": f"{row['url']}?log=call#body"} for row in found if row["kind"] in CALLED]
    typed = request.args.get("q", "")
    line = typed if not request.args.get("for") and has(ctx, "activities.log") and read_line(typed, ctx.today, ctx.locale) else ""
    return page("search/palette.html", found=found, kinds=KINDS, line=line)


@bp.get("/search")
@needs("home.read")
def index(ctx: Context):
    """The same as a page, for whoever has no script."""
    groups = [(kind, list(rows)) for kind, rows in groupby(_found(ctx, 25), key=itemgetter("kind"))]
    return page("search/index.html", groups=groups, q=request.args.get("q", ""), kinds=KINDS)


def _found(ctx: Context, limit: int) -> list[dict[str, Any]]:
    """kind, name, note and address of each hit. An entry of the log and a comment lead to their place on the page."""
    typed = request.args.get("q", "")
    # The beginning of each kind's addresses: cheaper than building one for each row.
    pages = {"account": url_for("accounts.index"), "contact": url_for("contacts.index"), "deal": url_for("deals.index"), "lead": url_for("leads.index"), "quote": url_for("quotes.index"), "product": url_for("products.index"), "mail_thread": url_for("mail.index").rstrip("/"), "mailing": url_for("mailings.index").rstrip("/"), "tag": url_for("tags.index").rstrip("/")}
    found = []
    for row in queries.everything(ctx, typed, limit=limit):
        if row.kind == "activity":
            at = row.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
            name, url = excerpt(row.name, words_of(typed)), f"{pages[row.about]}/{row.about_id}?at={at}~{row.id}#a-{row.id}"
        elif row.kind == "comment":
            name, url = excerpt(row.name, words_of(typed)), f"{path_of(row.about, row.about_id)}#c-{row.id}"
        else:
            name, url = row.name, f"{pages[row.kind]}/{row.id}"
        found.append({"kind": row.kind, "name": name, "note": row.note or "", "url": url})
    return found


def excerpt(text: str, words: list[str]) -> str:
    """One line of a longer text, around the first word that was typed where it stands as it was typed."""
    line = " ".join(text.split())
    at = line.casefold().find(words[0].casefold()) if words else -1
    start = max(0, at - EXCERPT // 3) if at > EXCERPT // 2 else 0
    before, after = MORE if start else "", MORE if start + EXCERPT < len(line) else ""
    return before + line[start : start + EXCERPT] + after
