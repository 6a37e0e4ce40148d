"""Did a program write it? Then nothing answers it, and nothing is made of it by itself (RELIABILITY 1.3, 9)."""

from email.message import Message

from infra.inbox import heads

LISTS = ("list-id", "list-unsubscribe", "list-post", "list-help", "x-autoreply", "x-autorespond", "x-autorespond-to", "x-mailman-version", "x-loop")
BULK = frozenset({"bulk", "junk", "list", "auto_reply", "auto-reply"})
NOBODY = frozenset({"mailer-daemon", "postmaster", "no-reply", "noreply", "do-not-reply", "donotreply", "bounce", "bounces"})
REPORTS = frozenset({"multipart/report", "message/delivery-status", "message/disposition-notification"})


def is_automatic(message: Message, sender: str | None) -> bool:
    """By its heads, the nature of its parts, an empty return path, or a sender that is nobody."""
    said = heads.line(message, "auto-submitted").partition(";")[0].strip().lower()
    if said and said != "no":
        return True
    if heads.line(message, "precedence").lower() in BULK or any(heads.line(message, name) for name in LISTS):
        return True
    if message.get_content_type() in REPORTS or heads.line(message, "return-path") == "<>":
        return True
    return (sender or "").partition("@")[0].lower() in NOBODY
