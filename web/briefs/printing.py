"""A brief on paper: one page A4, whatever stands in it. What does not fit is counted, the least pressing first."""

import re
from typing import Any

from flask import g

from core.base.context import Context
from core.base.words import N_
from core.briefs.found import Brief
from core.documents.rendering import STANDARD, FontsComing
from core.notifications.words import MORE
from infra import i18n
from infra import pdf as press
from web.briefs.laying import Part, facts_of, parts_of
from web.filters import moment

TEMPLATE = "brief"
ENDLESS, BREAKS = re.compile(r"\S{35,}"), re.compile(r"\S{11}(?=\S)")  # words that may be wider than a column, and where they break


def pdf(ctx: Context, brief: Brief) -> bytes:
    """The PDF, tagged. Refused (`print_fonts_coming`) while fonts that its text needs are not here."""
    try:
        return press.render(TEMPLATE, sheet(ctx, brief), standard=STANDARD)
    except press.FontsMissing:
        raise FontsComing("print_fonts_coming") from None


def sheet(ctx: Context, brief: Brief) -> dict[str, Any]:
    """What infra/print/brief.typ shows: texts alone."""
    wide, narrow = parts_of(ctx, brief)
    printed = i18n.gettext(ctx.locale, N_("As %(name)s sees it on %(when)s"), name=ctx.actor.name, when=moment(ctx.now))
    return _breakable({
        "lang": i18n.html_lang(g.get("lang", "en")).split("-")[0], "hue": ctx.tenant.hue, "title": i18n.gettext(ctx.locale, N_("Brief: %(name)s"), name=brief.name), "name": brief.name, "house": ctx.tenant.name,
        "foot": printed, "facts": [[label, value.replace("@", "\u200b@")] for label, value in facts_of(ctx, brief)], "wide": [_part(ctx, one) for one in wide], "narrow": [_part(ctx, one) for one in narrow],
    })


def _breakable(value: Any) -> Any:
    """The same with a place to break in every word without end."""
    if isinstance(value, str):
        return ENDLESS.sub(lambda word: BREAKS.sub(lambda piece: f"{piece[0]}\u200b", word[0]), value)
    if isinstance(value, dict):
        return {key: _breakable(one) for key, one in value.items()}
    return [_breakable(one) for one in value] if isinstance(value, list) else value


def _part(ctx: Context, part: Part) -> dict[str, Any]:
    """more: what stands below when the first n lines are shown, for every n."""
    rows = [{"text": one.text, "note": one.note, "side": one.side, "tone": one.tone} for one in part.rows]
    more = [i18n.gettext(ctx.locale, MORE, count=len(rows) - shown) for shown in range(len(rows))]
    return {"code": part.code, "title": part.title, "rows": rows, "keep": part.keep, "more": more}
