"""The discussion as a part of a record's page: its comments with links and mentions, who follows, the composer."""

from collections.abc import Iterable
from typing import Any

from flask import request
from jinja2.utils import urlize
from markupsafe import Markup
from wtforms import TextAreaField

from core.base.context import Context
from core.base.policy import may
from core.base.records import kind_of, path_of
from core.base.rooms import is_off
from core.base.words import N_
from core.discussions import queries
from core.discussions.rules import AT
from web.forms import Form

MENTION = Markup('<b class="at">@{}</b>')


class CommentForm(Form):
    """What is said; its length is the use case's to refuse."""

    body = TextAreaField(N_("Comment"), id="comment")


def section_values(ctx: Context, record: Any, form: CommentForm | None = None) -> dict[str, Any]:
    """What discussions/_section.html needs; one statement. Nothing where the room is off."""
    if is_off(ctx, "discussions"):
        return {"talk": None}
    kind, place = kind_of(record), path_of(kind_of(record), record.id)
    found = queries.discussion(ctx, record, before=request.args.get("before") if request.endpoint == f"discussions.show_{kind}" else None)
    following = [one for one in found.followers if one["state"] == "following"]
    return {"talk": {
        "rows": found.rows, "count": found.count, "earlier": f"{place}/comments?before={found.before.replace('+', '%2B')}" if found.before else None, "form": form or CommentForm(),
        "place": place, "kind": kind, "id": record.id, "can_write": may(ctx, "comments.write"), "can_moderate": may(ctx, "comments.moderate"),
        "followers": following, "follows": any(one["id"] == str(ctx.actor.id) for one in following), "text": rendered,
        "mine": lambda comment: comment.author_id == ctx.actor.id, "at": ctx.now.isoformat().replace("+", "%2B"),
    }}


def rendered(body: str, said: Iterable[str] | None) -> Markup:
    """A comment's text with its mentions in bold and its addresses as links; everything else is text, whatever it looks
    like. said: what stands behind the @ of each mention, longest first."""
    parts, begun, names = [], 0, list(said or ())
    for at in AT.finditer(body):
        name = next((one for one in names if body.startswith(one, at.end())), None)
        if name is None or at.start() < begun:
            continue
        parts += [_linked(body[begun : at.start()]), MENTION.format(name)]
        begun = at.end() + len(name)
    return Markup("").join([*parts, _linked(body[begun:])])


def _linked(text: str) -> Markup:
    """Jinja's own: it escapes the text and makes links of http, https and mail addresses alone."""
    return Markup(urlize(text, rel="nofollow noopener noreferrer", target="_blank"))  # noqa: S704 (escaped there)
