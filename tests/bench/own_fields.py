"""Fields that a tenant made for himself, six of them filled on all contacts: shown, filtered, sorted, searched, on a page of many, and
what people see of them under a rule of who sees what. The aims are those of lists without them."""

from psycopg import sql

from tests.bench.daily import by_team
from tests.bench.figures import Aim
from tests.bench.fill import analyse
from tests.bench.pages import look
from tests.bench.requests import Visitor

FIELDS = (
    ("grade", "choice", {"options": [{"key": key, "label": key.title()} for key in ("gold", "silver", "bronze")]}), ("visits", "whole", {}), ("worth", "amount", {}),
    ("since", "date", {}), ("hobby", "text", {"is_searched": True}), ("vip", "yes_no", {}),
)
FILL = """UPDATE {} SET custom = jsonb_build_object('grade', (ARRAY['gold', 'silver', 'bronze'])[1 + n % 3], 'visits', n % 1000, 'since', (date '2015-01-01' + (n % 4000)::int)::text,
    'hobby', 'Hobby ' || n % 5000, 'vip', n % 50 = 0) FROM (SELECT id AS key, row_number() OVER (ORDER BY id) AS n FROM {}) numbered WHERE id = key"""


def measure(ground, subject) -> None:
    house = ground.big
    furnish(ground, house)
    owner = Visitor.signed_in(ground.app, house, "owner")
    shown = ",".join(f"custom.{key}" for key, *_ in FIELDS)
    for what, query, most in (
        ("six of them shown", f"columns={shown}", 10), ("filtered by a choice", "filter[custom.grade][eq]=gold", 15), ("filtered by a rare number", "filter[custom.visits][eq]=777", 15),
        ("filtered by a day, sorted by a number", "filter[custom.since][gt]=2025-01-01&sort=-custom.visits", None), ("sorted by a number, all of them", "sort=custom.visits", None),
        ("searched in a text", "q=hobby 4711", 20),
    ):
        look(ground, subject, owner, f"contacts, own fields: {what}", f"/contacts?{query}", Aim(most=most))
    with house.ctx("owner") as ctx:
        from sqlalchemy import select

        from core.parties.models import Contact

        key = ctx.session.execute(select(Contact.id).order_by(Contact.id).limit(1)).scalar_one()
    look(ground, subject, owner, "a contact with own fields", f"/contacts/{key}", Aim(most=20))
    by_team(ground, subject)


def furnish(ground, house) -> None:
    from core.custom_fields import actions

    with house.ctx("owner") as ctx:
        for key, kind, more in FIELDS:
            actions.create_field(ctx, room="contacts", kind=kind, key=key, label=key.title(), in_list=key in ("grade", "visits"), **more)
    table = sql.Identifier(house.tenant.schema_name, "contact")
    with ground.hurry(), ground.admin() as connection, connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(sql.SQL("SET LOCAL search_path = {}, ext").format(sql.Identifier(house.tenant.schema_name)))
        connection.execute(sql.SQL(FILL).format(table, table))
    analyse(ground, house)
