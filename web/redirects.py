"""Where a `next=` may lead: to a page of this very host, written as a plain path, and nowhere else (RELIABILITY X29)."""

import re
from urllib.parse import unquote, urlsplit

# What a path and query of ours can hold. No backslash (browsers read it as a slash), no control character or
# space (browsers drop or trim them), no "@" or ":" before the first "?" that a parser could take for a host.
PLAIN = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=/%-]*(?:\?[A-Za-z0-9._~!$&'()*+,;=:@/?%\[\]-]*)?(?:#[A-Za-z0-9._~-]*)?")
LONGEST = 2000
HOME = "/"


def safe_next(value: str | None) -> str:
    """The given path where it leads to this host's own pages, else "/". Never a scheme, a host, or a trick for one."""
    if not value or len(value) > LONGEST or not PLAIN.fullmatch(value):
        return HOME
    path = value.partition("?")[0]
    # Twice unquoted: some server or browser on the way may undo one layer.
    for form in (path, unquote(path), unquote(unquote(path))):
        if form[:2] in ("//", "/\\") or "\\" in form or not form.isprintable() or "/../" in form + "/":
            return HOME
    parts = urlsplit(value)
    return value if not parts.scheme and not parts.netloc else HOME
