"""The text of a mail that only has HTML: what a person would read, with paragraphs, lists and quotes. Nothing is loaded, nothing runs."""

import re
from html import unescape

UNREAD = frozenset({"script", "style", "head", "title", "template", "noscript", "svg", "object", "iframe"})
BLOCKS = frozenset({
    "p", "div", "ul", "ol", "table", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "section", "article", "header", "footer", "address", "dl", "dt", "dd", "hr",
})
APART = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "table", "pre"})
SHOWN = ("http://", "https://", "mailto:")
BLANKS = re.compile(r"[ \t\r\n\f\u00a0]+")
MOST_QUOTES = 10
MOST = 2_000_000
# Ours, not html.parser's: on the Pythons we support that one takes minutes for 200 kB of tags that nobody closes. This one never goes back.
TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9]{0,30})((?:[^<>"']|"[^"]{0,2000}"|'[^']{0,2000}'|["'])*+)>|<[!?][^<>]{0,2000}>""")
HREF = re.compile(r"""(?:^|\s)href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)


class _Text:
    """Gathers lines. `out` holds finished ones, `line` the one being written."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.line = ""
        self.unread: list[str] = []
        self.quotes = 0
        self.links: list[tuple[str, str]] = []

    def feed(self, html: str) -> None:
        at = 0
        for found in TAG.finditer(html):
            self.text(html[at:found.start()])
            at, tag = found.end(), (found[2] or "").lower()
            if tag and found[1]:
                self.ends(tag)
            elif tag:
                self.begins(tag, found[3])
        self.text(html[at:])

    def begins(self, tag: str, attributes: str) -> None:
        if tag in UNREAD:
            self.unread.append(tag)
        if self.unread:
            return
        if tag == "br":
            self.end()
        elif tag == "li":
            self.end()
            self.line = "- "
        elif tag in ("td", "th") and self.line:
            self.line += " "
        elif tag == "a":
            found = HREF.search(attributes[:4000])
            self.links.append((unescape(next((one for one in found.groups() if one), "")) if found else "", self.line))
        elif tag in BLOCKS:
            self.block(tag, 1 if tag == "blockquote" else 0)

    def ends(self, tag: str) -> None:
        if tag in self.unread:
            del self.unread[self.unread.index(tag):]
        elif self.unread:
            return
        elif tag == "a" and self.links:
            self.link(*self.links.pop())
        elif tag in BLOCKS:
            self.block(tag, -1 if tag == "blockquote" else 0)

    def text(self, data: str) -> None:
        if data and not self.unread:
            text = BLANKS.sub(" ", unescape(data))
            self.line += text.lstrip() if not self.line or self.line.endswith(" ") else text

    def link(self, href: str, before: str) -> None:
        """Where a link leads is said, unless its text says it."""
        text = self.line.removeprefix(before).strip() if self.line.startswith(before) else ""
        if href.startswith(SHOWN) and text and href.removeprefix("mailto:").rstrip("/") not in text and len(href) <= 500:
            self.line += f" <{href}>"

    def block(self, tag: str, quotes: int) -> None:
        """A block begins or ends: a line of its own, with an empty one between paragraphs, which stands outside of a quote that ends or begins."""
        if self.line.strip():
            self.end()
        before, self.quotes = self.quotes, min(max(self.quotes + quotes, 0), MOST_QUOTES)
        if tag in APART and self.out and self.out[-1].strip("> "):
            self.out.append("> " * min(before, self.quotes))

    def end(self) -> None:
        self.out.append("> " * self.quotes + self.line.rstrip())
        self.line = ""


def text_of(html: str) -> str:
    """What stands in it, plain."""
    parser = _Text()
    parser.feed(_without_comments(html[:MOST]))
    if parser.line.strip():
        parser.end()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in parser.out)).strip("\n")


def _without_comments(html: str) -> str:
    """Comments gone; one that nobody closes hides the rest, as in a browser."""
    kept, at = [], 0
    while (begins := html.find("<!--", at)) >= 0:
        kept.append(html[at:begins])
        ends = html.find("-->", begins + 4)
        if ends < 0:
            return "".join(kept)
        at = ends + 3
    return "".join([*kept, html[at:]])
