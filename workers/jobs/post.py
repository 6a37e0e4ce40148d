"""Deliver outgoing mail: claim, send with no transaction held, mark (HOUSE 22)."""

from uuid import UUID

from core.base.context import Context
from core.parties.marks import note_bounce
from core.post import actions, sender
from core.post.letters import letters
from core.post.models import OutgoingMail
from infra import mail
from infra.config import settings
from infra.storage import storage
from workers.job import Again, Why, given_up, job
from workers.queues import MAIL


@job("post.deliver", queue=MAIL, steps=True, always=True)
def deliver(door, *, mail_id: str) -> None:
    """Send one letter at most once; a temporary failure puts the order back on the ladder. Also for a suspended
    tenant: its invoices, reminders and the notice of its suspension must arrive (marketing has a job of its own)."""
    key, token = UUID(mail_id), door.token
    with door() as ctx:
        letter = actions.claim(ctx, key, token)
        message = message_of(letter, ctx) if letter is not None else None
    if message is None:
        return

    def intent() -> bool:
        with door() as ctx:
            return actions.mark_sending(ctx, key, token)

    outcome = mail.send(settings().smtp_url, message, before_data=intent)
    # Not fenced: that it was sent is true whoever holds the order by now; the letter has its own token.
    with door(fenced=False) as ctx:
        state = actions.mark(ctx, key, token, outcome)
        if state == "failed" and isinstance(outcome, mail.Permanent):
            note_bounce(ctx, message.to_mail, outcome.reason)
    if state == "queued":
        raise Again(outcome.reason)


@given_up("post.deliver")
def undeliverable(ctx, why: Why, *, mail_id: str) -> None:
    """The letter says so too."""
    actions.give_up(ctx, UUID(mail_id))


def message_of(letter: OutgoingMail, ctx: Context) -> mail.Message:
    """The row as a message of the post. What comes back goes to the installation, whoever wrote."""
    ours, known, shown = sender.platform()[1], letters().get(letter.template), letter.shown or {}
    return mail.Message(
        to_mail=letter.to_mail, to_name=letter.to_name, from_mail=ours if known and known.platform else sender.address_of(ctx.tenant),
        from_name=letter.from_name, reply_to=letter.reply_to, subject=letter.subject, text=letter.body_text, html=letter.body_html,
        headers=letter.headers, message_id=shown.get("id") or letter.message_id, date=ctx.now, return_path=ours, files=tuple(_enclosed(ctx, one) for one in letter.files or ()), calendar=letter.calendar,
        **{f"{name}_all": tuple((called, address) for called, address in shown.get(name, ())) for name in ("to", "cc")},
    )


def _enclosed(ctx: Context, one: dict[str, str]) -> mail.Enclosure:
    """A file of the store as it goes along. One that was erased meanwhile stops the letter: what it says would not be true."""
    return mail.Enclosure(one["name"], one["type"], storage().path(ctx.tenant.id, one["key"]).read_bytes())
