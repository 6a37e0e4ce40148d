"""Lists taken out: the rows that the actor sees under the list's filters, as CSV; who took what is written down."""

from collections.abc import Iterator
from typing import IO, Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import aliased

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.policy import require, sees
from core.base.words import N_
from core.identity.models import User
from core.parties import queries as parties
from core.parties.models import Account, Contact
from core.parties.queries import Filters
from core.parties.words import LABELS
from core.transfer.models import KINDS, ExportRun
from infra import i18n
from infra.spreadsheets import write_rows

ACCOUNT_COLUMNS = (
    "external_id", "name", "kind", "is_customer", "is_supplier", "parent_id", "website", "phone", "mail", "industry", "employees", "annual_revenue",
    "currency", "founded_year", "street", "postcode", "city", "region", "country", "tags", "source", "owner_id", "notes",
)
CONTACT_COLUMNS = (
    "external_id", "name", "account_id", "job_title", "how_to_address", "mail", "phone", "mobile", "language", "birthday", "tags", "source", "owner_id", "notes",
)
COLUMNS = {"accounts": ACCOUNT_COLUMNS, "contacts": CONTACT_COLUMNS}
MOST_CUSTOM = 100


def take_out(ctx: Context, kind: str, filters: Filters, file: IO[str]) -> int:
    """Write the list into `file`, row by row; returns how many. Never withheld by the subscription."""
    if kind not in KINDS:
        raise Refused("unknown_value", field="kind")
    require(ctx, f"{kind}.export")
    where = (parties.accounts_where if kind == "accounts" else parties.contacts_where)(ctx, filters)
    model = Account if kind == "accounts" else Contact
    custom = _custom_names(ctx, model, where)
    header = [*(i18n.gettext(ctx.locale, LABELS[name]) for name in COLUMNS[kind]), *custom]
    number = write_rows(file, header, _rows(ctx, kind, _query(ctx, model, where), custom))
    run = ExportRun(kind=kind, filters=_said(filters), rows=number)
    ctx.session.add(run)
    record(ctx, "export.taken", run, list=kind, rows=number)
    return number


def _query(ctx: Context, model: Any, where: list) -> Select:
    """The records with the names of owner and parent or account, the latter only where they are seen."""
    other = aliased(Account)
    link = model.parent_id if model is Account else model.account_id
    return (
        select(model, User.name, other.name).join(User, User.id == model.owner_id, isouter=True)
        .join(other, and_(other.id == link, other.deleted_at.is_(None), sees(ctx, other)), isouter=True)
        .where(*where).order_by(model.name_fold, model.id).execution_options(yield_per=1000)
    )


def _rows(ctx: Context, kind: str, query: Select, custom: list[str]) -> Iterator[list[Any]]:
    yes, no = i18n.gettext(ctx.locale, N_("Yes")), i18n.gettext(ctx.locale, N_("No"))
    for found, owner, other in ctx.session.execute(query):
        given = {"owner_id": owner, "parent_id": other, "account_id": other, "tags": ", ".join(found.tags)}
        row = [given[name] if name in given else getattr(found, name) for name in COLUMNS[kind]]
        yield [(yes if value else no) if isinstance(value, bool) else value for value in row] + [found.custom.get(name) for name in custom]
        ctx.session.expunge(found)  # a long list is not kept in memory


def _custom_names(ctx: Context, model: Any, where: list) -> list[str]:
    """The names of kept columns among these records."""
    name = func.jsonb_object_keys(model.custom).table_valued("custom_name", joins_implicitly=True).render_derived().c.custom_name
    return list(ctx.session.execute(select(name).select_from(model).where(*where).distinct().order_by(name).limit(MOST_CUSTOM)).scalars())


def _said(filters: Filters) -> dict[str, str]:
    return {name: str(value) for name in ("search", "owner", "tag", "kind", "role") if (value := getattr(filters, name))}
