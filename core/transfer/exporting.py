"""Lists taken out: the rows that the actor sees under the list's filters, as CSV, XLSX or cards; who took what is written down."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import IO, Any
from uuid import UUID

from sqlalchemy import Select, Uuid, and_, any_, func, literal, null, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.field_rights import hidden
from core.base.hiding import OWN, rest
from core.base.policy import holds, require, sees
from core.base.words import N_
from core.custom_fields.fields import Own, defined, fields_of
from core.identity import queries as people
from core.identity.models import User
from core.notifications.telling import notify
from core.parties import queries as parties
from core.parties import reach_many
from core.parties.columns import COLUMNS as LISTED
from core.parties.columns import chosen_columns
from core.parties.models import Account, Contact
from core.parties.origins import TYPED
from core.parties.queries import Filters
from core.parties.restricting import free
from core.parties.words import CHOICE_LABELS, LABELS
from core.transfer import beside_out, consents, further
from core.transfer.beside_out import Beside
from core.transfer.models import EXPORT_FORMATS, PARTIES, ExportRun
from core.views.above import made_columns
from infra import i18n
from infra.cards_out import write_cards
from infra.spreadsheets_out import write_rows
from infra.workbooks_out import write_workbook

ACCOUNT_COLUMNS = (
    "external_id", "name", "kind", "is_customer", "is_supplier", "parent_id", "website", "phone", "mail", "industry", "employees", "annual_revenue",
    "currency", "founded_year", "vat_id", "tax_relief", "street", "postcode", "city", "region", "country", "tags", "source", "owner_id", "notes",
)
CONTACT_COLUMNS = (
    "external_id", "name", "account_id", "job_title", "how_to_address", "mail", "phone", "mobile", "language", "birthday", "preferred_channel", "preferred_hours", "timezone", "referred_by_id", *TYPED, "tags", "source", "owner_id", "notes",
)
COLUMNS = {"accounts": ACCOUNT_COLUMNS, "contacts": CONTACT_COLUMNS}
MOST_CUSTOM, CHUNK = 100, 1000
# More rows than this in one list are told to whoever reads the audit.
ALERT = 10_000
MODELS = {"accounts": Account, "contacts": Contact}
SHEETS = {"accounts": N_("Accounts"), "contacts": N_("Contacts")}
CARD_FIELDS = ("mail", "phone", "mobile", "job_title", "birthday", "tags", "notes", "language")
Watch = Callable[[Iterable[Any]], Iterator[Any]]
ROLES = {(True, True): N_("Customer and supplier"), (True, False): N_("Customer"), (False, True): N_("Supplier")}


@dataclass(frozen=True, slots=True)
class Shape:
    """What a list is taken out as. columns: those of a view, in its order; None: all fields. names: of the fields, for
    programs, instead of words above the columns."""

    format: str = "csv"
    columns: tuple[str, ...] | None = None
    names: bool = False


def take_out(ctx: Context, kind: str, filters: Filters, file: IO[Any], *, keys: Sequence[UUID] | None = None, shape: Shape = Shape()) -> int:
    """Write the list into `file` (text for CSV and cards, bytes for XLSX) and who took it into the record; returns how many rows."""
    number = write_list(ctx, kind, filters, file, keys=keys, shape=shape)
    return write_down(ctx, kind, said(filters, shape), number)


def write_list(
    ctx: Context, kind: str, filters: Filters, file: IO[Any], *, keys: Sequence[UUID] | None = None, shape: Shape = Shape(), watch: Watch = iter, scratch: str | None = None,
) -> int:
    """Write the list row by row; returns how many. Never withheld by the subscription. keys: of the list only these.
    watch: stands between the rows and the file; scratch: a folder for what a workbook needs beside it."""
    check_shape(ctx, kind, shape)
    where = where_of(ctx, kind, filters, keys)
    model = MODELS[kind]
    owns = {one.name: one for one in fields_of(ctx, kind)}
    columns = [*columns_for(ctx, kind), *owns] if shape.columns is None else view_columns(ctx, kind, shape.columns)
    custom = custom_names(ctx, model, where) if shape.columns is None else []
    if shape.format == "vcard":
        return write_cards(file, watch(_found(ctx, _cards(ctx, where))))
    labels = _heads(ctx, kind, columns, owns, shape)
    shown = [owns[name] for name in columns if name in owns]
    rows = watch(_rows(ctx, columns, _query(ctx, model, where), custom, own_says(ctx, shown), beside_out.reader(ctx, kind, columns, shown)))
    if shape.format == "xlsx":
        return write_workbook(file, i18n.gettext(ctx.locale, SHEETS[kind]), [*labels, *custom], rows, scratch=scratch)
    return write_rows(file, [*labels, *custom], rows)


def check_shape(ctx: Context, kind: str, shape: Shape) -> None:
    """Refuse a form that the list is not written in, and columns that it does not have: at once, not in the background."""
    if shape.format not in (EXPORT_FORMATS if kind == "contacts" else EXPORT_FORMATS[:2]):
        raise Refused("unknown_value", field="kind")
    if kind in PARTIES and shape.columns is not None:
        view_columns(ctx, kind, shape.columns)


def where_of(ctx: Context, kind: str, filters: Filters, keys: Sequence[UUID] | None = None) -> list:
    """The conditions of a list's rows that this actor may take out. Refuses whoever may not, an unknown list or filter."""
    if kind not in PARTIES:
        raise Refused("unknown_value", field="kind")
    require(ctx, f"{kind}.export")
    where = (parties.accounts_where if kind == "accounts" else parties.contacts_where)(ctx, filters)
    where = where if kind == "accounts" else [*where, free()]  # a restricted person is not taken out
    return where if keys is None else [*where, MODELS[kind].id == any_(literal(list(keys), ARRAY(Uuid)))]


def view_columns(ctx: Context, kind: str, names: Sequence[str]) -> list[str]:
    """The name, and the columns of a view in its order, without what the actor must not know. Refuses unknown ones."""
    away = hidden(ctx, kind)
    return ["name", *(name for name in chosen_columns(ctx, kind, names) if name not in away and not (name == "role" and {"is_customer", "is_supplier"} & away))]


def _heads(ctx: Context, kind: str, columns: Sequence[str], owns: Mapping[str, Own], shape: Shape) -> list[str]:
    """What stands above the columns; the name of a purpose, never its key, which another workspace would not know."""
    if shape.names:
        programs = consents.columns(ctx, kind)
        return [programs.get(name, name) for name in columns]
    said = {name: one.called(ctx.locale) for name, one in owns.items()} | {name: i18n.gettext(ctx.locale, one.label) for name, (one, _) in made_columns(ctx, kind).items()} | (consents.labels(ctx) if kind == "contacts" else {})
    return [said[name] if name in said else i18n.gettext(ctx.locale, _label(kind, name)) for name in columns]


def _label(kind: str, name: str) -> str:
    if name in LABELS and name != "account":
        return LABELS[name]
    return further.labels(kind).get(name) or LISTED[kind][name].label


def _cards(ctx: Context, where: list) -> Select:
    """The contacts with the companies that the actor sees, as cards need them; a field hidden from him is in none."""
    away = hidden(ctx, "contacts")
    query = select(Contact.name, *(getattr(Contact, name) for name in CARD_FIELDS if name not in away), Contact.id)
    if "account_id" not in away:
        query = query.add_columns(Account.name.label("company")).join(Account, and_(Account.id == Contact.account_id, Account.deleted_at.is_(None), sees(ctx, Account)), isouter=True)
    return query.where(*where).order_by(Contact.name_fold, Contact.id).execution_options(yield_per=1000)


def _found(ctx: Context, query: Select) -> Iterator[dict[str, Any]]:
    """Each person with messengers and roles at further accounts, as far as they are shown."""
    shown = beside_out.columns(ctx, "contacts")
    for part in ctx.session.execute(query).partitions(CHUNK):
        keys = [row.id for row in part]
        chats = reach_many.messengers_of(ctx, "contacts", keys) if further.MESSENGERS in shown else {}
        roles = reach_many.roles_of(ctx, keys) if further.OTHER_ROLES in shown else {}
        for row in part:
            yield {**row._mapping, "messengers": chats.get(row.id), "roles": roles.get(row.id)}


def write_down(ctx: Context, kind: str, filters: dict[str, str], number: int, step: str = "taken") -> int:
    """Who took which list out, and how long it was; whoever reads the audit is told of a long one (RELIABILITY X31). step:
    "fetched" for the file of a list that was prepared."""
    run = ExportRun(kind=kind, filters=filters, rows=number, step=step)
    ctx.session.add(run)
    record(ctx, f"export.{step}", run, list=kind, rows=number)
    if step == "taken" and number > ALERT:
        watchers = [user.id for user in people.users(ctx) if user.state == "active" and holds(people.actor_of(user), "audit.read")]
        notify(ctx, "workspace", watchers, say="told.export_long", list=kind, rows=number)
    return number


def _query(ctx: Context, model: Any, where: list) -> Select:
    """The records with the names of owner, parent or account, and of who referred a contact; others' only where they are seen."""
    other, referrer = aliased(Account), aliased(Contact)
    link = model.parent_id if model is Account else model.account_id
    query = select(model, User.name, other.name, referrer.name if model is Contact else null()).join(User, User.id == model.owner_id, isouter=True)
    query = query.join(other, and_(other.id == link, other.deleted_at.is_(None), sees(ctx, other)), isouter=True)
    if model is Contact and "referred_by_id" in hidden(ctx, "contacts"):
        query = query.join(referrer, literal(False), isouter=True)
    elif model is Contact:
        query = query.join(referrer, and_(referrer.id == Contact.referred_by_id, referrer.deleted_at.is_(None), sees(ctx, referrer)), isouter=True)
    return query.where(*where).order_by(model.name_fold, model.id).execution_options(yield_per=CHUNK)


def columns_for(ctx: Context, kind: str) -> list[str]:
    """The columns of the file, without what the actor must not know."""
    away = hidden(ctx, kind)
    return [*(name for name in COLUMNS[kind] if name not in away), *beside_out.columns(ctx, kind)]


def own_says(ctx: Context, owns: Sequence[Own]) -> dict[str, Callable[[Any], Any]]:
    """Own field -> what writes its value: as an import reads it again."""
    names = people.user_names(ctx) if any(one.kind == "user" for one in owns) else {}
    return {one.name: partial(text_of, ctx, one, names) for one in owns}


def text_of(ctx: Context, own: Own, names: dict[UUID, str], value: Any) -> Any:
    """A value of an own field as a file has it; names: of users."""
    if value is None or isinstance(value, bool):
        return None if value is None else i18n.gettext(ctx.locale, N_("Yes") if value else N_("No"))
    if own.kind in ("choice", "choices"):
        return ", ".join(one.label if (one := own.option(key)) else str(key) for key in (value if isinstance(value, list) else [value]))
    if own.kind == "amount" and isinstance(value, dict):
        return f"{value['amount']} {value['currency']}"
    if own.kind == "moment":
        return clock(ctx, datetime.fromisoformat(value))
    if own.kind == "user":
        return names.get(UUID(value))
    return value


def _rows(ctx: Context, columns: list[str], query: Select, custom: list[str], says: dict[str, Callable[[Any], Any]], beside: Beside) -> Iterator[list[Any]]:
    yes, no = i18n.gettext(ctx.locale, N_("Yes")), i18n.gettext(ctx.locale, N_("No"))
    for part in ctx.session.execute(query).partitions(CHUNK):
        more = beside([found for found, *_ in part])
        for found, owner, other, referrer in part:
            given = {"owner_id": owner, "parent_id": other, "account_id": other, "account": other, "referred_by_id": referrer, "tags": ", ".join(found.tags or ())}
            given |= {name: getattr(found, name).astimezone(ctx.zone).replace(tzinfo=None, microsecond=0) for name in ("created_at", "updated_at") if name in columns}
            given |= {name: i18n.gettext(ctx.locale, labels.get(getattr(found, name), "")) for name, labels in CHOICE_LABELS.items() if name in columns and getattr(found, name)}
            given |= {name: say(found.custom.get(name.removeprefix(OWN))) for name, say in says.items()} | more(found)
            if "role" in columns:
                given["role"] = i18n.gettext(ctx.locale, text) if (text := ROLES.get((found.is_customer, found.is_supplier))) else ""
            row = [given[name] if name in given else getattr(found, name) for name in columns]
            yield [yes if value is True else no if value is False else value for value in row] + [found.custom.get(name) for name in custom]


def custom_names(ctx: Context, model: Any, where: list) -> list[str]:
    """The names of kept columns among these records: what is no field, and never was one."""
    name = func.jsonb_object_keys(rest(ctx.session, model)).table_valued("custom_name", joins_implicitly=True).render_derived().c.custom_name
    where = [*where, name.not_in([one.key for one in defined(ctx, model.ROOM)])]
    return list(ctx.session.execute(select(name).select_from(model).where(*where).distinct().order_by(name).limit(MOST_CUSTOM)).scalars())


def said(filters: Any, shape: Shape = Shape()) -> dict[str, str]:
    """What narrowed a list, as its record keeps it."""
    return {name: str(value) for name, value in vars(filters).items() if value} | ({"format": shape.format} if shape.format != "csv" else {})


def clock(ctx: Context, moment: datetime | None) -> str | None:
    """A moment as a clock showed it where the reader is: a spreadsheet knows no zones."""
    return moment.astimezone(ctx.zone).strftime("%Y-%m-%d %H:%M") if moment else None
