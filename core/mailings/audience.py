"""Who would get a mailing: contacts that the sender may see, with an address, each address once."""

from uuid import UUID

from sqlalchemy import Select, and_, cast, func, insert, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.types import Text

from core.base.context import Context
from core.base.field_rights import hidden
from core.base.hiding import unhidden
from core.base.policy import sees
from core.consent.queries import agreed
from core.mailings.models import Mailing, MailingRecipient
from core.parties.marks import is_invalid
from core.parties.models import Account, Contact
from core.parties.restricting import free


def people(ctx: Context, audience: str, tags: list[str], consent: UUID | None = None) -> Select:
    """Contacts of an audience ("everyone", "any" of the tags, "all" of them) that this actor sees, without the restricted
    and those whose address is marked as no good.
    consent: a purpose; then only those who agreed to it and have not taken it back."""
    query = select(Contact).where(sees(ctx, Contact), Contact.mail_norm.is_not(None), Contact.deleted_at.is_(None), free(), ~is_invalid(Contact.mail_norm))
    if consent is not None:
        query = query.where(agreed(consent))
    wanted = cast(tags, ARRAY(Text))
    if audience == "all":
        return query.where(Contact.tags.contains(wanted))
    return query.where(Contact.tags.overlap(wanted)) if audience == "any" else query


def count(ctx: Context, audience: str, tags: list[str], consent: UUID | None = None) -> int:
    """How many addresses the audience has now; nobody where tags are asked for and none is chosen."""
    if audience != "everyone" and not tags:
        return 0
    addresses = people(ctx, audience, tags, consent).with_only_columns(Contact.mail_norm).distinct().subquery()
    with unhidden(ctx.session):  # how many there are tells nobody's address
        return ctx.session.execute(select(func.count()).select_from(addresses)).scalar_one()


def known_tags(ctx: Context, limit: int = 100) -> list[tuple[str, int]]:
    """(tag, contacts that have it) of the contacts this actor sees, the most used first."""
    if "tags" in hidden(ctx, "contacts"):
        return []
    tag = func.unnest(Contact.tags).label("tag")
    tags = people(ctx, "everyone", []).with_only_columns(tag).subquery()
    query = select(tags.c.tag, func.count().label("count")).group_by(tags.c.tag).order_by(func.count().desc(), tags.c.tag).limit(limit)
    with unhidden(ctx.session):  # it asks only whether there is an address
        return [(row.tag, row.count) for row in ctx.session.execute(query)]


def freeze(ctx: Context, mailing: Mailing) -> int:
    """Write the audience down as recipients, in one statement; of contacts that share an address the oldest stands for
    it. A company that the sender does not see lends no name. Whoever sends need not see the addresses himself. Returns how
    many there are."""
    chosen = people(ctx, mailing.audience, mailing.tags, mailing.needs_consent_id).ext(distinct_on(Contact.mail_norm)).order_by(Contact.mail_norm, Contact.id).subquery()
    seen = and_(Account.id == chosen.c.account_id, Account.deleted_at.is_(None), sees(ctx, Account))
    fields = func.jsonb_build_object(
        "contact.name", chosen.c.name, "contact.greeting", chosen.c.how_to_address, "contact.mail", chosen.c.mail, "account.name", Account.name,
    )
    rows = (
        select(
            literal(mailing.id), chosen.c.id, chosen.c.mail, chosen.c.mail_norm, chosen.c.name,
            func.coalesce(chosen.c.language, ctx.tenant.locale), fields, literal(ctx.now),
        )
        .select_from(chosen.outerjoin(Account, seen))
        .order_by(chosen.c.name_fold, chosen.c.id)
    )
    columns = ["mailing_id", "contact_id", "address", "address_norm", "name", "lang", "fields", "next_at"]
    with unhidden(ctx.session):
        ctx.session.execute(insert(MailingRecipient).from_select(columns, rows))
    frozen = select(func.count()).select_from(MailingRecipient).where(MailingRecipient.mailing_id == mailing.id)
    return ctx.session.execute(frozen).scalar_one()
