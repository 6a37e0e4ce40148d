"""Deals from a file (core.transfer finds this by its name): account, person, pipeline, stage and product by their names, won and lost ones on the
day on which they were. What is known of a deal's stages begins with its import."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, case, cast, func, literal, null, select

from core.base.cleaning import line, one_of
from core.base.context import Context
from core.base.importing import Importable, Incoming, Rows, Target
from core.base.policy import sees, visible
from core.base.sets import insert_many
from core.base.words import N_
from core.deals import naming
from core.deals.checking_in import check
from core.deals.lines import amount as line_amount
from core.deals.models import Deal, DealLine, DealStay
from core.deals.pipelines import called, stages, working
from core.deals.rules import FIELDS
from core.deals.standing_in import stand, steps_of
from core.deals.words import FORECAST_LABELS, LABELS, STATE_LABELS
from core.parties.models import Account, Contact
from core.products.amounts_in import priced, take_currency
from core.products.models import Product
from core.products.rating import currencies
from infra import i18n

NOT_SAID = N_("Not said")
PRODUCT = N_("Product")


TARGETS = {
    "external_id": Target(LABELS["external_id"], FIELDS["external_id"], names="external id|deal id|opportunity id|opportunityid|opportunity_id|id|record id|deal number|number|id externo|外部编号|编号|외부 id|внешний id|код"),
    "name": Target(LABELS["name"], FIELDS["name"], names="name|deal|deal name|dealname|opportunity|opportunity name|title|subject|nombre|negocio|oportunidad|名称|商机|商机名称|이름|거래|거래명|название|сделка"),
    "product": Target(PRODUCT, line, names="product|product name|product code|producto|产品|제품|товар|продукт", column=False, of=("amount",)),
    "pipeline_id": Target(LABELS["pipeline_id"], line, names="pipeline|sales pipeline|embudo|管道|销售管道|파이프라인|воронка", column=False),
    "stage_id": Target(LABELS["stage_id"], line, names="stage|deal stage|dealstage|stage name|sales stage|etapa|阶段|단계|этап|стадия", column=False),
    "state": Target(LABELS["state"], one_of(STATE_LABELS), "word", "state|status|deal status|estado|状态|상태|статус", words=STATE_LABELS, column=False),
    "account_id": Target(LABELS["account_id"], line, names="account|account name|company|company name|organization|customer|client|associated company|cuenta|empresa|cliente|客户|公司|거래처|회사|компания|клиент|контрагент"),
    "contact_id": Target(LABELS["contact_id"], line, names="contact|contact name|person|contact person|associated contact|contacto|persona|联系人|연락처|담당자 이름|контакт|контактное лицо"),
    "amount": Target(LABELS["amount"], priced(FIELDS["amount"]), "price", "amount|value|deal value|close value|total|revenue|importe|valor|金额|금액|сумма", scaled=True),
    "currency": Target(LABELS["currency"], FIELDS["currency"], names="currency|currency code|moneda|divisa|货币|币种|통화|валюта"),
    "probability": Target(LABELS["probability"], FIELDS["probability"], "percent", "probability|deal probability|win probability|probabilidad|概率|확률|вероятность"),
    "forecast": Target(LABELS["forecast"], FIELDS["forecast"], "word", "forecast|forecast category|previsión|预测|예측|прогноз", words=FORECAST_LABELS),
    "closes_on": Target(LABELS["closes_on"], FIELDS["closes_on"], "day", "expected close|expected close date|close date|closing date|closedate|cierre previsto|fecha de cierre|预计成交|预计关闭日期|마감 예정일|예상 마감일|дата закрытия|ожидаемое закрытие"),
    "closed_at": Target(LABELS["closed_at"], line, "moment", "closed on|closed at|won on|lost on|won time|lost time|cerrado el|成交日期|종료일|закрыто", column=False),
    "next_step": Target(LABELS["next_step"], FIELDS["next_step"], names="next step|siguiente paso|下一步|다음 단계|следующий шаг"),
    "next_step_on": Target(LABELS["next_step_on"], FIELDS["next_step_on"], "day", "next step due|next step date|下一步日期|다음 단계 기한|срок следующего шага"),
    "owner_id": Target(LABELS["owner_id"], line, names="owner|deal owner|opportunity owner|sales agent|sales rep|salesperson|assigned to|responsible|propietario|responsable|comercial|负责人|所有者|담당자|소유자|ответственный|владелец|менеджер", column=False),
    "source": Target(LABELS["source"], FIELDS["source"], names="source|lead source|deal source|origin|origen|来源|출처|источник"),
    "loss_reason": Target(LABELS["loss_reason"], FIELDS["loss_reason"], names="loss reason|lost reason|why it was lost|closed lost reason|reason|motivo de pérdida|输单原因|실패 사유|причина проигрыша"),
    "tags": Target(LABELS["tags"], FIELDS["tags"], "tags", like=("tags",)),
    "notes": Target(LABELS["notes"], FIELDS["notes"], names="notes|note|description|comment|comments|notas|descripción|备注|说明|비고|메모|примечание|заметки|описание"),
}


def _presets(ctx: Context, values: Any) -> dict[str, Any]:
    """Where nothing is said: the first stage of the first pipeline, the workspace's currency, his person's account, a loss without its reason."""
    way = next(iter(working(ctx)), None)
    first = way.first() if way else None
    his = select(Contact.account_id).join(Account, Account.id == Contact.account_id).where(Contact.id == cast(values["contact_id"].astext, Uuid()), sees(ctx, Contact), sees(ctx, Account), Account.deleted_at.is_(None))
    product = select(Product.name).where(Product.id == cast(values["product"].astext, Uuid())).scalar_subquery()
    closed = func.coalesce(values["state"].astext, "open") != "open"
    return {
        "name": product, "pipeline_id": literal(way.id if way else None, Uuid()), "stage_id": literal(first.id if first else None, Uuid()), "state": "open", "currency": ctx.tenant.currency,
        "account_id": his.scalar_subquery(), "stage_since": literal(ctx.now), "closed_at": case((closed, literal(ctx.now)), else_=null()),
        "loss_reason": case((values["state"].astext == "lost", i18n.gettext(ctx.tenant.locale, NOT_SAID))),
    }


# ---- as the file is read ----


def _settle(ctx: Context, rows: Rows) -> None:
    companies, people = naming.accounts(ctx, _texts(rows, "account_id")), naming.people(ctx, _texts(rows, "contact_id"))
    products, steps, dealt_in = naming.products(ctx, _texts(rows, "product")), steps_of(ctx), currencies(ctx)
    for row in rows:
        _link(row, "account_id", companies)
        _link(row, "contact_id", people)
        _link(row, "product", products)
        if (place := take_currency(row, ("amount",), dealt_in)) != "currency":
            _keep(row, currency_in=place)
        if row.values.get("product") and row.values.get("amount") is not None:
            _keep(row, amount=row.values["amount"])
        if row.values.get("product") and row.values.get("name") and row.values.get("amount") is None:
            row.note("product", "deal_line_needs_amount")
        stand(ctx, steps, row)


def _keep(row: Incoming, **said: str) -> None:
    """What the row said itself, for what is looked at once it is known whether its deal is new."""
    row.values.setdefault("said", {}).update(said)


def _texts(rows: Rows, target: str) -> list[str]:
    return sorted({str(row.values[target]) for row in rows if row.values.get(target)})


def _link(row: Incoming, target: str, known: Mapping[str, dict[str, str | None]]) -> None:
    """A key in place of a name. Of several people of that name the one at the row's account is meant."""
    typed = row.values.pop(target, None)
    if typed is None:
        return
    keys = known.get(typed, {})
    if len(keys) > 1 and target == "contact_id" and row.values.get("account_id"):
        keys = {key: at for key, at in keys.items() if at == row.values["account_id"]}
    if len(keys) == 1:
        row.values[target] = next(iter(keys))
        _keep(row, **{target: typed})
    else:
        row.refuse(target, "link_not_one" if keys else "product_not_named" if target == "product" else "link_not_found", value=typed, cell=typed)


def _begin(ctx: Context, rows: Rows) -> None:
    """The one interval that is known of each new deal, and its line where a product was named."""
    new = {row.record_id: row for row in rows if row.creates}
    if not new:
        return
    columns = (Deal.id, Deal.stage_id, Deal.stage_since, Deal.amount, Deal.currency)
    found = list(ctx.session.execute(select(*columns).where(Deal.id.in_(new))))
    stays = [{"deal_id": one.id, "stage_id": one.stage_id, "entered_at": one.stage_since, "entered_by": ctx.actor.id} for one in found]
    ctx.session.execute(insert_many(DealStay.__table__, stays))
    lined = [one for one in found if new[one.id].values.get("product") and one.amount is not None]
    names = _called(ctx, "product", {new[one.id].values["product"] for one in lined})
    same = {"position": 0, "quantity": 1, "discount": 0, "recurs": "once", "times": 1, "created_at": ctx.now, "created_by": ctx.actor.id, "updated_at": ctx.now, "version": 1}
    lines = [
        {"deal_id": one.id, "product_id": key, "name": names[key], "unit_price": one.amount, "amount": line_amount(Decimal(1), one.amount, Decimal(0), 1, one.currency)} | same
        for one in lined if (key := new[one.id].values["product"]) in names
    ]
    if lines:
        ctx.session.execute(insert_many(DealLine.__table__, lines))


def _called(ctx: Context, target: str, keys: set[str]) -> Mapping[str, str]:
    """Names of what keys name."""
    if target == "stage_id":
        return {str(key): called(stage, ctx.locale) for key, stage in stages(ctx).items()}
    model = {"account_id": Account, "contact_id": Contact, "product": Product}.get(target)
    if model is None or not keys:
        return {}
    query = visible(ctx, model).with_only_columns(model.id, model.name).where(model.id.in_([UUID(key) for key in keys]))
    return {str(key): name for key, name in ctx.session.execute(query)}


IMPORTS = (
    Importable(
        "deals", "deal", N_("Deals"), Deal, TARGETS, {"external_id": "external_id", "name": "name_fold"}, needed=((("name", "product"), "import_needs_name"),), also={"owner_id": ("owner_id",)},
        aside={"created_at": LABELS["created_at"]}, made=("pipeline_id", "stage_id", "state", "stage_since", "closed_at"), alone=frozenset({"deal_stay", "deal_line", "forecast_line"}), presets=_presets, settle=_settle, check=check, made_step=_begin, names=_called,
        about=lambda columns: columns.account_id, also_about=lambda columns: columns.contact_id, created="imported",
    ),
)
