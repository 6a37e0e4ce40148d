"""The companies that contacts name: linked, made where they are not there, their empty fields filled by choice."""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, cast, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB, array
from sqlalchemy.types import Uuid

from core.base.context import Context
from core.base.hiding import unhidden
from core.base.named import folded
from core.base.policy import changes, require, sees
from core.base.sets import record_all
from core.parties.models import Account
from core.transfer.fields import COMPANY
from core.transfer.matching import ROWS, in_lines, plan_as_met
from core.transfer.models import ImportRow, ImportRun

TABLE = Account.__table__
CHUNK = 1000


def columns_said(run: ImportRun) -> dict[str, ColumnElement]:
    """Column of the account -> what a contact's row says of it."""
    found = {}
    for target, name in COMPANY.items():
        if target in run.mapping:
            found[name] = cast(ImportRow.values[target].astext, TABLE.c[name].type)
    return found | ({"mail_norm": func.lower(ImportRow.values["account_mail"].astext)} if "account_mail" in run.mapping else {})


def give_accounts(ctx: Context, run: ImportRun, first: int, last: int) -> None:
    """Link contacts to their company by its name; a company that isn't there is created once, its own fact with it."""
    if run.kind != "contacts" or "account" not in run.mapping:
        return
    require(ctx, "accounts.create")
    plan_as_met(ctx)
    chosen = and_(in_lines(run, first, last), ImportRow.plan.in_(("create", "update")), ImportRow.values.has_key("account"))
    _link(ctx, chosen)
    if run.fills_accounts:
        _fill(ctx, run, chosen)
    unlinked = and_(chosen, ~ImportRow.values.has_key("account_id"))
    name = ImportRow.values["account"].astext
    firsts = select(func.min(ImportRow.line)).where(unlinked).group_by(folded(name))
    makers = and_(unlinked, ImportRow.line.in_(firsts))
    made = ctx.session.execute(update(ROWS).where(makers).values(made_account=func.uuidv7())).rowcount
    if not made:
        return
    makes = and_(in_lines(run, first, last), ImportRow.made_account.is_not(None))
    said = columns_said(run)
    if "annual_revenue" in said:
        said["currency"] = func.coalesce(said.get("currency"), case((said["annual_revenue"].is_not(None), ctx.tenant.currency)))
    rows = select(ImportRow.made_account, name, literal(ctx.actor.owner_id, Uuid()), literal(ctx.now), literal(ctx.actor.id, Uuid()), literal(ctx.now), *said.values())
    columns = ["id", "name", "owner_id", "created_at", "created_by", "updated_at", *said]
    ctx.session.execute(insert(Account.__table__).from_select(columns, rows.where(makes).order_by(ImportRow.line), include_defaults=False))
    params = func.jsonb_build_object("name", ImportRow.values["account"])
    facts = select(ImportRow.made_account.label("subject_id"), cast(None, Uuid()).label("about_id"), params.label("params"))
    record_all(ctx, "account.created", "account", facts.where(makes))
    _link(ctx, chosen)


def _link(ctx: Context, chosen: ColumnElement[bool]) -> None:
    """The oldest account of that name which the actor sees."""
    found = (
        select(Account.id).where(Account.name_fold == folded(ImportRow.values["account"].astext), Account.deleted_at.is_(None), sees(ctx, Account))
        .order_by(Account.id).limit(1).correlate(ImportRow).scalar_subquery()
    )
    key = func.jsonb_strip_nulls(func.jsonb_build_object("account_id", found))
    ctx.session.execute(update(ROWS).where(chosen, ~ImportRow.values.has_key("account_id")).values(values=ImportRow.values.op("||")(key)))


def _fill(ctx: Context, run: ImportRun, chosen: ColumnElement[bool]) -> None:
    """What is empty at a known company gets what its first row says; what was there stays. Only where the actor may change it."""
    said = columns_said(run)
    if not said:
        return
    require(ctx, "accounts.edit")
    account = cast(ImportRow.values["account_id"].astext, Uuid())
    firsts = select(func.min(ImportRow.line)).where(chosen, ImportRow.values.has_key("account_id")).group_by(account)
    row = and_(ImportRow.run_id == run.id, ImportRow.line.in_(firsts), account == TABLE.c.id)
    gains = {name: and_(TABLE.c[name].is_(None), value.is_not(None)) for name, value in said.items()}
    mine = and_(row, TABLE.c.deleted_at.is_(None), changes(ctx, Account), or_(*gains.values()))
    names = func.to_jsonb(func.array_remove(array([case((gain, literal(name))) for name, gain in gains.items() if name != "mail_norm"]), None))
    before = func.jsonb_build_object("id", TABLE.c.id, "fields", names, "version", TABLE.c.version + 1)
    ctx.session.execute(update(ROWS).where(mine).values(account_before=before))
    filled = and_(row, ImportRow.account_before.is_not(None))
    new = {name: func.coalesce(TABLE.c[name], value) for name, value in said.items()}
    ctx.session.execute(update(TABLE).where(filled).values(**new, version=TABLE.c.version + 1, updated_at=ctx.now))
    params = func.jsonb_build_object("fields", ImportRow.account_before["fields"], "name", TABLE.c.name)
    facts = select(TABLE.c.id.label("subject_id"), cast(None, Uuid()).label("about_id"), params.label("params"))
    record_all(ctx, "account.edited", "account", facts.select_from(ImportRow).join(TABLE, account == TABLE.c.id).where(filled))


def empty_again(ctx: Context, run: ImportRun, after: UUID) -> UUID | None:
    """The undo of `_fill`, for the next companies behind one: what was empty is empty again where nobody has touched it since, nor
    between two rows that filled it. Gives the last of them, None at the end."""
    if not columns_said(run) or not run.fills_accounts:
        return None
    plan_as_met(ctx)
    journal = _filled(run, after)
    last = ctx.session.execute(select(journal.c.id).order_by(journal.c.id.desc()).limit(1)).scalar_one_or_none()
    untouched = and_(TABLE.c.id == journal.c.id, TABLE.c.version == journal.c.version, journal.c.whole, TABLE.c.deleted_at.is_(None))
    said = {name: case((journal.c.fields.has_key("mail" if name == "mail_norm" else name), None), else_=TABLE.c[name]) for name in columns_said(run)}
    with unhidden(ctx.session):  # puts back what stood there, whoever may read it
        keys = list(ctx.session.execute(update(TABLE).where(untouched).values(**said, version=TABLE.c.version + 1, updated_at=ctx.now).returning(TABLE.c.id)).scalars())
    if keys:
        params = func.jsonb_build_object("fields", journal.c.fields, "name", TABLE.c.name)
        facts = select(TABLE.c.id.label("subject_id"), cast(None, Uuid()).label("about_id"), params.label("params"))
        record_all(ctx, "account.edited", "account", facts.select_from(journal).join(TABLE, TABLE.c.id == journal.c.id).where(TABLE.c.id.in_(keys)))
        empty = func.jsonb_build_object("emptied", case((journal.c.first == 2, TABLE.c.version), else_=None))
        mine = and_(ImportRow.run_id == run.id, cast(ImportRow.account_before["id"].astext, Uuid()) == journal.c.id, TABLE.c.id == journal.c.id, TABLE.c.id.in_(keys))
        ctx.session.execute(update(ROWS).where(mine).values(account_before=ImportRow.account_before.op("||")(empty)))
    return last


def _filled(run: ImportRun, after: UUID) -> Subquery:
    """A thousand companies that the run filled. fields: that were empty before the first row; first, version: as the first and the last
    row left it; whole: nobody has touched it between them."""
    key, version = cast(ImportRow.account_before["id"].astext, Uuid()), cast(ImportRow.account_before["version"].astext, TABLE.c.version.type)
    follows = func.coalesce(version - func.lag(version).over(partition_by=key, order_by=ImportRow.line) == 1, literal(True))
    rows = select(key.label("id"), version.label("version"), follows.label("follows"), ImportRow.account_before["fields"].label("fields"))
    rows = rows.where(ImportRow.run_id == run.id, ImportRow.account_before.is_not(None), key > after).cte("filled")
    field = func.jsonb_array_elements_text(rows.c.fields).table_valued("value", joins_implicitly=True)
    fields = select(rows.c.id, func.jsonb_agg(field.c.value, type_=JSONB).label("fields")).select_from(rows).join(field, literal(True)).group_by(rows.c.id).cte("gained")
    heads = select(rows.c.id, func.min(rows.c.version).label("first"), func.max(rows.c.version).label("version"), func.bool_and(rows.c.follows).label("whole"))
    heads = heads.group_by(rows.c.id).order_by(rows.c.id).limit(CHUNK).cte("heads")
    return select(heads, fields.c.fields).join(fields, fields.c.id == heads.c.id).subquery("journal")


def emptied(run: ImportRun) -> Select:
    """(company, version) of those that `empty_again` left as they were made."""
    version = cast(ImportRow.account_before["emptied"].astext, TABLE.c.version.type)
    return select(cast(ImportRow.account_before["id"].astext, Uuid()), version).where(ImportRow.run_id == run.id, version.is_not(None))
