"""Pure rules of a mailing's text: its merge fields (how they are filled: core/post/merge_fields.py), formatting, when to try again."""

import html
import re
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache

from markupsafe import Markup

from core.base.words import N_
from core.post.merge_fields import PLACEHOLDER, MergeFields

# name in the text -> (what it is, a sample for the preview)
FIELDS = {
    "contact.name": (N_("Name"), N_("Sofie Brandt")),
    "contact.greeting": (N_("How a letter begins, for example Dear Ms Brandt"), N_("Dear Ms Brandt")),
    "contact.mail": (N_("Mail address"), "sofie@example.com"),
    "account.name": (N_("Company"), "Nordlicht Optik"),
}
MERGE = MergeFields(FIELDS)
LINK = re.compile("https?://[^\\s<>{}\"'`\\\\\ue000\ue001]{1,500}[^\\s<>{}\"'`\\\\.,;:!?)\ue000\ue001]")
NAMED_LINK = re.compile("\\[([^\\[\\]\\n]{1,200})\\]\\((https?://[^\\s<>{}\"'`\\\\()\ue000\ue001]{1,500})\\)")
BOLD, ITALIC = re.compile(r"\*\*(?=\S)([^*\n]{1,500}?)(?<=\S)\*\*"), re.compile(r"(?<![\w*])\*(?=\S)([^*\n]{1,500}?)(?<=\S)\*(?![\w*])")
MARK = re.compile("\ue000(\\d+)\ue001")


def fill_html(body: str, values: Mapping[str, object]) -> Markup:
    """The whole body as HTML with the merge fields replaced; values are escaped and never formatted."""
    template, found = to_html(body)
    # Safe by construction: to_html escaped the text before it wrote its own tags, and each value is escaped here.
    return Markup(MARK.sub(lambda mark: html.escape(MERGE.value(found[int(mark.group(1))], values)), template))


@lru_cache(maxsize=64)
def to_html(body: str) -> tuple[str, tuple[re.Match, ...]]:
    """Plain paragraphs as HTML: empty lines part them, "- " makes lists, ## a heading, **bold**, *italic*, links.

    Everything is escaped before anything is formatted, so no tag and no attribute of the writer's gets through.
    Merge fields come out as numbered marks (second part: what they were), so that formatting can not touch them.
    """
    found: list[re.Match] = []

    def mark(field: re.Match) -> str:
        found.append(field)
        return f"\ue000{len(found) - 1}\ue001"

    text = PLACEHOLDER.sub(mark, re.sub("[\ue000\ue001]", "", body.strip()))
    return "\n".join(_block(block) for block in re.split(r"\n[ \t]*\n+", text) if block.strip()), tuple(found)


def _block(block: str) -> str:
    lines = block.strip("\n").split("\n")
    if all(line.startswith("- ") for line in lines):
        return "<ul>" + "".join(f"<li>{_inline(line[2:])}</li>" for line in lines) + "</ul>"
    if len(lines) == 1 and lines[0].startswith("## "):
        return f"<h2>{_inline(lines[0][3:])}</h2>"
    return "<p>" + "<br>\n".join(_inline(line) for line in lines) + "</p>"


def _inline(line: str) -> str:
    """Links are cut out first, so that stars and underscores inside an address stay what they are."""
    parts, at = [], 0
    for link in re.finditer(f"{NAMED_LINK.pattern}|{LINK.pattern}", line):
        parts.append(_emphasis(line[at:link.start()]))
        words, address = link.group(1) or link.group(0), link.group(2) or link.group(0)
        parts.append(f'<a href="{html.escape(address)}">{html.escape(words)}</a>')
        at = link.end()
    return "".join([*parts, _emphasis(line[at:])])


def _emphasis(text: str) -> str:
    return ITALIC.sub(r"<em>\1</em>", BOLD.sub(r"<strong>\1</strong>", html.escape(text)))


def to_text(body: str) -> str:
    """The plain part: the marks of formatting gone, a named link followed by its address."""
    text = NAMED_LINK.sub(r"\1 (\2)", body.strip())
    text = re.sub(r"^## ", "", text, flags=re.MULTILINE)
    return ITALIC.sub(r"\1", BOLD.sub(r"\1", text))


# After a 4xx: minutes until the next try. The last is well under the hours after which a mailing asks instead of sending.
BACKOFF_MINUTES = (2, 10, 30, 60, 90)


def next_try(attempts: int, chance: float) -> timedelta | None:
    """How long to wait after the n-th refused try, spread by chance (0 to 1) over half its length; None: give up."""
    if attempts > len(BACKOFF_MINUTES):
        return None
    return timedelta(minutes=BACKOFF_MINUTES[attempts - 1]) * (0.75 + chance / 2)
