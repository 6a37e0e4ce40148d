"""The catalogue: 20,000 products in 200 categories. The list as it opens, searched, filtered by a branch, in groups; a product's page; the price of
one product and of a quote's sixty."""

import time
from decimal import Decimal

from psycopg import sql
from sqlalchemy import select

from core.products import pricing
from core.products.models import Product
from tests.bench.figures import Aim
from tests.bench.fill import analyse
from tests.bench.pages import look
from tests.bench.requests import Visitor

PRODUCTS, CATEGORIES = 20_000, 200
FILL = (
    "INSERT INTO product_category (name) SELECT 'Branch ' || n FROM generate_series(1, %(categories)s) n",
    "INSERT INTO product_unit (name) VALUES ('bench piece')",
    """INSERT INTO product (code, name, currency, price, cost, category_id, unit_id)
       SELECT 'B-' || n, (ARRAY['Drill', 'Saw', 'Lamp', 'Oil', 'Bolt'])[1 + n %% 5] || ' ' || n, 'EUR', n %% 900 + 0.99, n %% 500 + 0.5, c.id, u.id
       FROM generate_series(1, %(products)s) n JOIN (SELECT id, row_number() OVER (ORDER BY id) AS at FROM product_category) c ON c.at = 1 + n %% %(categories)s, product_unit u""",
    "INSERT INTO price_list (name, currency) VALUES ('Bench list', 'EUR')",
    "INSERT INTO price_list_line (price_list_id, what, product_id, way, value) SELECT l.id, 'product', p.id, 'price', p.price * 0.9 FROM price_list l, product p",
)


def measure(ground, subject) -> None:
    house = ground.big
    sizes = {"products": ground.size(PRODUCTS), "categories": ground.size(CATEGORIES)}
    with ground.hurry(), ground.admin() as connection, connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(sql.SQL("SET LOCAL search_path = {}, ext").format(sql.Identifier(house.tenant.schema_name)))
        for statement in FILL:
            connection.execute(statement, sizes if "%(" in statement else None)
        branch, product = connection.execute("SELECT category_id, id FROM product ORDER BY id LIMIT 1").fetchone()
    analyse(ground, house)
    owner = Visitor.signed_in(ground.app, house, "owner")
    for what, path, most in (
        ("page 1", "", 10), ("searched by code", "?q=B-1234", 20), ("of a branch", f"?under={branch}", 20), ("in groups by category", "?group=category_id", None), ("by price", "?sort=-price", None),
    ):
        look(ground, subject, owner, f"products: {what}", f"/products{path}", Aim(most=most))
    look(ground, subject, owner, "a product", f"/products/{product}", Aim(most=20))
    look(ground, subject, owner, "price check", f"/products/price-check?product_id={product}&quantity=10&currency=EUR", Aim(most=None))
    sixty(ground, subject, house)


def sixty(ground, subject, house) -> None:
    """The prices of a quote of sixty lines, beside those of one."""
    with house.ctx("owner") as ctx:
        goods = list(ctx.session.execute(select(Product).limit(60)).scalars())
        times = []
        for _ in range(20):
            started = time.perf_counter()
            pricing.prices_of(ctx, [(one, Decimal(10)) for one in goods], on=ctx.today, currency=ctx.tenant.currency)
            times.append((time.perf_counter() - started) * 1000)
    subject.note(f"prices of 60 lines: {sorted(times)[10]:.1f} ms")
