"""A mail as JSON and back: how the child hands it over."""

from base64 import b64decode, b64encode
from datetime import datetime
from typing import Any

from infra.incoming import CalendarAnswer, Enclosed, Incoming, Mailed

PEOPLE, LISTS = ("to", "cc"), ("references", "defects")
PLAIN = ("subject", "text", "quoted", "message_id", "in_reply_to", "automatic", "proven")


def packed(mail: Incoming) -> dict[str, Any]:
    """The mail as values that JSON holds."""
    values = {name: getattr(mail, name) for name in (*PLAIN, *LISTS)}
    values |= {name: [(person.address, person.name) for person in getattr(mail, name)] for name in PEOPLE}
    values["sender"] = (mail.sender.address, mail.sender.name) if mail.sender else None
    values["sent_at"] = mail.sent_at.isoformat() if mail.sent_at else None
    values["enclosed"] = [(one.name, one.content_type, b64encode(one.data).decode(), one.content_id) for one in mail.enclosed]
    said = mail.answer
    values["answer"] = (said.uid, said.sequence, said.mail, said.word, said.at.isoformat() if said.at else None) if said else None
    return values


def unpacked(values: dict[str, Any]) -> Incoming:
    known = {name: values[name] for name in PLAIN} | {name: tuple(values[name]) for name in LISTS}
    known |= {name: tuple(Mailed(*person) for person in values[name]) for name in PEOPLE}
    enclosed = tuple(Enclosed(name, kind, b64decode(data), content_id) for name, kind, data, content_id in values["enclosed"])
    sent_at = datetime.fromisoformat(values["sent_at"]) if values["sent_at"] else None
    return Incoming(**known, sender=Mailed(*values["sender"]) if values["sender"] else None, sent_at=sent_at, enclosed=enclosed, answer=_answer(values["answer"]))


def _answer(values: list[Any] | None) -> CalendarAnswer | None:
    if values is None:
        return None
    *said, at = values
    return CalendarAnswer(*said, at=datetime.fromisoformat(at) if at else None)
