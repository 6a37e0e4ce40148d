"""Is the domain of From proven? Only the server that took the mail in is asked, by what it wrote on top (RFC 8601, RELIABILITY X26).

Anybody can write an Authentication-Results head into his own mail: what counts is the topmost one, and only where it names the server that
the mailbox's setting trusts. Everything below it is what the sender brought along.
"""

import re
from email.message import Message

from infra.inbox import heads

# Which property of a method says whose domain it proved.
NAMED = {"dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom", "smtp.helo"), "dmarc": ("header.from",)}
MOST = 20_000


def is_proven(message: Message, sender: str | None, trusted: str) -> bool:
    """DKIM or SPF passed for the domain of the one From, or that of a domain above it; or DMARC, which says the same."""
    found = heads.all_of(message, "authentication-results")
    if not trusted.strip() or not found or not sender or len(heads.all_of(message, "from")) != 1 or len(found[0]) > MOST:
        return False
    if not _is_plain(heads.all_of(message, "from")[0], sender):
        return False
    first, *results = _parts(found[0])
    if first.split(" ")[0].lower() != trusted.strip().lower():
        return False
    domain = sender.rpartition("@")[2].lower()
    return any(_proves(result, domain) for result in results)


def _is_plain(said: str, sender: str) -> bool:
    """Does From name this one address, in a way that nobody reads otherwise?"""
    bare = re.sub(r'"(?:[^"\\\\]|\\\\.)*"', "", said).strip().lower()
    address = sender.lower()
    return bare == address or (bare.endswith(f"<{address}>") and not re.search(r"[@<>,;:()]", bare.removesuffix(f"<{address}>")))


def _proves(result: str, domain: str) -> bool:
    """One result: `dkim=pass header.d=example.com`."""
    words = result.split(" ")
    method, _, outcome = words[0].partition("=")
    method = method.partition("/")[0].lower()
    if method not in NAMED or outcome.lower() != "pass":
        return False
    said = dict(word.lower().split("=", 1) for word in words[1:] if "=" in word)
    proven = [said[name].rpartition("@")[2].rstrip(".") for name in NAMED[method] if name in said]
    if method == "spf":
        proven = proven[:1] if "smtp.mailfrom" in said else []
    return any(_in_line(found, domain, exact=method == "dmarc") for found in proven)


def _in_line(proven: str, domain: str, *, exact: bool) -> bool:
    """The same domain, or one above it with at least two labels. One below proves nothing of those beside it."""
    return proven == domain or (not exact and "." in proven and domain.endswith("." + proven))


def _parts(value: str) -> list[str]:
    """Split at semicolons outside of quotes; comments gone, quotes taken off, blanks made one; blanks within quotes are none."""
    out, now, depth, quoted, skip = [], "", 0, False, False
    for sign in value:
        if skip:
            skip, now = False, now + ("" if depth else _inner(sign))
        elif sign == "\\" and (quoted or depth):
            skip = True
        elif quoted:
            quoted, now = sign != '"', now + ("" if sign == '"' else _inner(sign))
        elif sign in "()":
            depth = max(depth + (1 if sign == "(" else -1), 0)
        elif not depth:
            quoted = sign == '"'
            out, now = (out + [now], "") if sign == ";" else (out, now + ("" if quoted else sign))
    return [_tidied(part) for part in [*out, now]]


def _inner(sign: str) -> str:
    """What stands in quotes ends no word and begins no other."""
    return "\ufffd" if sign in " =;" else sign


def _tidied(part: str) -> str:
    return re.sub(r"\s*=\s*", "=", " ".join(part.split()))
