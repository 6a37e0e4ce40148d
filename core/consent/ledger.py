"""The consent ledger taken out: every line with its proof, who wrote it down and when, and the words that were agreed to."""

from typing import IO

from sqlalchemy import Row, Select, or_, select

from core.base.context import Context
from core.base.facts import record
from core.base.policy import require, sees, sees_all
from core.base.words import N_
from core.consent.models import Consent, ConsentPurpose, ConsentWording
from core.consent.words import BASIS_LABELS, LEDGER_LABELS, SOURCE_LABELS
from core.identity import queries as people
from core.identity.models import User
from core.parties.models import Contact
from infra import i18n
from infra.spreadsheets_out import write_rows


def take_out(ctx: Context, file: IO[str]) -> int:
    """Write the lines, the oldest first, into `file`; of people that the actor does not see none, and of people who are gone to
    those alone who see everybody. Returns how many. Who took them out is written down. Refuses whoever reads no contacts."""
    require(ctx, "consents.manage")
    require(ctx, "contacts.read")
    header = [i18n.gettext(ctx.locale, label) for label in LEDGER_LABELS.values()]
    number = write_rows(file, header, (_cells(ctx, row) for row in ctx.session.execute(_lines(ctx))))
    record(ctx, "consents.taken_out", people.one_user(ctx, ctx.actor.id), rows=number)
    return number


def _lines(ctx: Context) -> Select:
    query = select(Consent, Contact, ConsentPurpose.name.label("purpose"), ConsentPurpose.basis, ConsentWording.number, ConsentWording.lang, ConsentWording.said, User.name.label("by"))
    query = query.join(ConsentPurpose, ConsentPurpose.id == Consent.purpose_id).join(ConsentWording, ConsentWording.id == Consent.wording_id, isouter=True)
    query = query.join(Contact, Contact.id == Consent.contact_id, isouter=True).join(User, User.id == Consent.created_by, isouter=True)
    seen = or_(sees(ctx, Contact), Consent.contact_id.is_(None)) if sees_all(ctx, Contact) else sees(ctx, Contact)
    return query.where(seen).order_by(Consent.created_at, Consent.id).execution_options(yield_per=1000)


def _cells(ctx: Context, row: Row) -> list[object]:
    line, who, said = row.Consent, row.Contact, lambda text: i18n.gettext(ctx.locale, text)
    return [
        line.created_at.isoformat(timespec="seconds"), who and who.name, who and who.mail, row.purpose, said(BASIS_LABELS[row.basis]), said(N_("Agrees") if line.given else N_("Takes it back")),
        said(SOURCE_LABELS[line.source]), line.proof, line.ip, row.number, row.lang, row.said, row.by, line.contact_id,
    ]
