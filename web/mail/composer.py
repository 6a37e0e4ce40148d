"""What the composer begins with: whom it goes to, a template filled for the record, the signature, what is quoted; and what was typed as the use case knows it."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import request
from wtforms.fields.choices import SelectChoice

from core.activities.rules import parse_when
from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.records import find, path_of, title_of
from core.documents import rendering
from core.files import queries as files
from core.identity.models import User
from core.mail import composing, filling, preferring, queries, reading, rules, templates, tokens
from core.mail.composing import Brought
from core.mail.models import KINDS, MailMessage
from core.mailboxes import queries as mailboxes
from core.parties.models import Contact
from core.quotes import queries as quotes
from core.quotes.paper import is_whole, paper_of
from infra import dates, i18n
from web.forms import keys_of
from web.mail.forms import ZONES, MailForm


def asked_record(ctx: Context, kind: str | None = None, key: str | None = None) -> Any:
    """The record from whose page somebody writes, as the address or the form names it; None for none."""
    for name in KINDS:
        found = keys_of([request.args.get(name, "") if kind is None else (key or "") if kind == name else ""])
        if found:
            return find(ctx, name, found[0])
    return None


def message_of(ctx: Context, text: str | None) -> MailMessage | None:
    """A mail named by key that the actor reads."""
    found = keys_of([text or ""])
    return reading.one_message(ctx, found[0]) if found else None


def begun(ctx: Context) -> MailForm:
    """A form for a new mail, an answer, or a draft that was stopped."""
    draft, answers = message_of(ctx, request.args.get("draft")), message_of(ctx, request.args.get("answers"))
    if draft is not None:
        if draft.author_id != ctx.actor.id or draft.state != "draft":
            raise NotFound()
        said = {name: ", ".join(_written(one) for one in getattr(draft, name)) for name in ("to", "cc", "bcc")}
        return MailForm(data=said | {"subject": draft.subject, "body": draft.body, "draft": str(draft.id), "language": draft.language})
    record = asked_record(ctx)
    data = _answer(ctx, answers, bool(request.args.get("all"))) if answers is not None else _new(ctx, record)
    chosen = keys_of([request.args.get("template", "")])
    if chosen:
        data |= _filled(ctx, templates.one_template(ctx, chosen[0]), record)
    signature = preferring.own(ctx).signature
    data["body"] = data.get("body", "") + (f"\n\n-- \n{signature}" if signature else "") + data.pop("below", "")
    return MailForm(data=data | {"kind": getattr(record, "__tablename__", ""), "key": str(record.id) if record is not None else ""})


def _written(one: Any) -> str:
    one = one if isinstance(one, dict) else {}
    name = str(one.get("name") or "").replace('"', "")
    return f'"{name}" <{one.get("mail", "")}>' if name else str(one.get("mail", ""))


def _new(ctx: Context, record: Any) -> dict[str, Any]:
    contact = person_of(ctx, record)
    mail = getattr(contact, "mail", None) or getattr(record, "mail", None) or ""
    name = (contact.name if contact is not None else getattr(record, "name", "")) if mail else ""
    return {"to": f'"{name.replace(chr(34), "")}" <{mail}>' if mail and name else mail, "language": getattr(contact, "language", None) or getattr(record, "language", None)}


def person_of(ctx: Context, record: Any) -> Any:
    """The person of a record, as far as the actor sees him."""
    if isinstance(record, Contact):
        return record
    key = getattr(record, "contact_id", None)
    try:
        return find(ctx, "contact", key) if key else None
    except NotFound:
        return None


def _answer(ctx: Context, message: MailMessage, everybody: bool) -> dict[str, Any]:
    """To whom it came from, or to whom one wrote oneself; the text below, with > before each line."""
    back = message.to if message.direction == "out" else [{"mail": message.from_mail or "", "name": message.from_name or ""}]
    others = _others(ctx, [one for one in [*message.to, *message.cc] if one not in back]) if everybody else []
    said = f"\n\n{message.from_name or message.from_mail or ''}, {dates.say_moment(message.at, 'medium', ctx.zone, ctx.locale) if message.at else ''}:\n" + "\n".join(f"> {line}" for line in message.body.split("\n")[:200])
    return {
        "to": ", ".join(_written(one) for one in back), "cc": ", ".join(_written(one) for one in others), "subject": rules.answered(message.subject or ""),
        "answers": str(message.id), "thread": str(message.thread_id), "below": said, "language": message.language,
    }


def _others(ctx: Context, people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the actor himself, whichever address of his they wrote to, and without the address for answers."""
    if not people:
        return []
    me = ctx.session.get(User, ctx.actor.id)
    ours = mailboxes.addresses(ctx) | ({me.mail_norm} if me else set())
    return [one for one in people if str(one.get("mail", "")).casefold() not in ours and tokens.thread_named(ctx, [str(one.get("mail", ""))]) is None]


def in_place(ctx: Context, message: MailMessage) -> MailForm:
    """The form beneath a conversation: an answer to whom its last mail came from, all others who take part beside it, the signature below; nothing is quoted, who reads it has it above."""
    data, signature = _answer(ctx, message, everybody=True), preferring.own(ctx).signature
    return MailForm(data=data | {"body": f"\n\n-- \n{signature}" if signature else ""})


def _filled(ctx: Context, template: Any, record: Any) -> dict[str, Any]:
    values = filling.values_of(ctx, record)
    return {"subject": filling.MERGE.fill_line(template.subject, values), "body": filling.MERGE.fill(template.body, values), "template": str(template.id), "language": template.language}


def offer(ctx: Context, form: MailForm) -> dict[str, Any]:
    """What the page needs beside the form: templates, files of the record, who got the same before, the time where the recipient is."""
    record = asked_record(ctx, form.kind.data or "", form.key.data)
    form.zone.choices = [SelectChoice(key, i18n.gettext(ctx.locale, text)) for key, text in ZONES.items()]
    wanted = i18n.language(form.language.data) if form.language.data else ctx.locale
    known = sorted(templates.all_templates(ctx), key=lambda one: one.language != wanted)
    contact, template = person_of(ctx, record), keys_of([form.template.data or ""])
    typed = [one["mail"] for one in _people_or_none(form.to.data)]
    held = files.files_of(ctx, record) if record is not None else []
    again = queries.got_before(ctx, typed, template_id=template[0] if template else None, sha256=[one.Attachment.sha256 for one in held])
    return {
        "record": record, "title": title_of(record) if record is not None else "", "back": path_of(record.__tablename__, record.id) if record is not None else "", "templates": known, "held": held,
        "is_quote": getattr(record, "ROOM", "") == "quotes", "again": again, "channel": getattr(contact, "preferred_channel", None), "zone": getattr(contact, "timezone", None), "undo": preferring.peek(ctx).undo_seconds,
    }


def _people_or_none(typed: str | None) -> list[dict[str, str]]:
    try:
        return composing.people(typed, "to")
    except Refused:
        return []


def write(ctx: Context, form: MailForm) -> MailMessage:
    """Do what the form says."""
    record, template = asked_record(ctx, form.kind.data or "", form.key.data), keys_of([form.template.data or ""])
    return composing.write(
        ctx, to=form.to.data, cc=form.cc.data, bcc=form.bcc.data, subject=form.subject.data, body=form.body.data, record=record, answers=message_of(ctx, form.answers.data), draft=message_of(ctx, form.draft.data),
        template_id=template[0] if template else None, language=form.language.data or None, files=_files(ctx, record), send_at=_moment(ctx, form, record),
    )


def _moment(ctx: Context, form: MailForm, record: Any) -> datetime | None:
    """When it is to go: the day and time typed, where the writer is or where the recipient is. A day alone means eight in the morning."""
    if not (form.send_at.data or "").strip():
        return None
    zone = ctx.zone
    if form.zone.data == "theirs" and getattr(person_of(ctx, record), "timezone", None):
        zone = ZoneInfo(person_of(ctx, record).timezone)
    return parse_when(form.send_at.data, ctx.now.astimezone(zone).date(), field="send_at", locale=ctx.locale).moment(zone).astimezone(UTC)


def _files(ctx: Context, record: Any) -> list[Brought]:
    """What is uploaded, what was chosen of the record's files, and the quote on paper."""
    found = [Brought(one.filename, one.stream.read(composing.MOST_BYTES + 1)) for one in request.files.getlist("files") if one.filename]
    for key in keys_of(request.form.getlist("held"))[: composing.MOST_FILES]:
        one = files.one_file(ctx, key)
        if one.size > composing.MOST_BYTES:
            raise Refused("mail_too_large", field="files", max=composing.MOST_BYTES // 1_000_000)
        found.append(Brought(one.name, files.bytes_of(ctx, one.stored_key).read_bytes()))
    if request.form.get("paper") and getattr(record, "ROOM", "") == "quotes":
        found.append(_paper(ctx, record))
    return found


def _paper(ctx: Context, quote: Any) -> Brought:
    """Never one with less than the customer must get; the whole one would show the writer, who reads his mail, what is hidden from him."""
    version = quotes.newest(ctx, quote)
    if not is_whole(ctx, version):
        raise Refused("mail_paper_hidden", field="files")
    try:
        return Brought(f"{quote.number or quote.name}.pdf", rendering.pdf(ctx, paper_of(ctx, version)))
    except rendering.FontsComing:
        rendering.have_fonts_brought(ctx)
        raise Refused("mail_fonts_coming", field="files") from None

