"""100,000 accounts with own values: what filters, orders and searches cost."""
import time, statistics
from uuid import uuid4
from sqlalchemy import text
from core.custom_fields import actions as d
from core.parties.queries import Filters, accounts
from tests.support.world import House

def test_perf(app):
    h = House(f"perf-{uuid4().hex[:6]}", {"owner": "admin"})
    with h.ctx() as ctx:
        for kind in ("text","whole","amount","date","choice","choices"):
            d.create_field(ctx, room="accounts", kind=kind, label=kind, key=f"k_{kind}", is_searched=kind=="text", options=[{"label": c} for c in "abcdefgh"] if kind.startswith("choic") else [])
    t=time.perf_counter()
    with h.ctx() as ctx:
        ctx.session.execute(text("""INSERT INTO account (name, owner_id, custom) SELECT 'Company ' || n, NULL, jsonb_build_object('k_text', 'Value ' || md5(n::text), 'k_whole', (n * 7919) % 100000, 'k_amount', jsonb_build_object('amount', ((n*31) % 90000)::text || '.50', 'currency', 'EUR'),
          'k_date', (date '2020-01-01' + (n % 2000))::text, 'k_choice', chr(97 + n % 8), 'k_choices', jsonb_build_array(chr(97 + n % 8), chr(97 + (n+3) % 8))) FROM generate_series(1, 100000) n"""))
    print("insert", time.perf_counter()-t)
    with h.ctx() as ctx: ctx.session.execute(text("ANALYZE account"))
    cases = {
      "plain list": {}, "sort name, 4 own columns": {"chosen": ["custom.k_text","custom.k_amount","custom.k_date","custom.k_choice"]},
      "choice eq (1/8)": {"filters": Filters(where=(("custom.k_choice","eq","c"),))}, "choices has (1/4)": {"filters": Filters(where=(("custom.k_choices","has","c"),))},
      "whole eq (1 row)": {"filters": Filters(where=(("custom.k_whole","eq","777"),))}, "whole gt (1%)": {"filters": Filters(where=(("custom.k_whole","gt","99000"),))}, "date range": {"filters": Filters(where=(("custom.k_date","gte","2025-06-01"),))},
      "text contains (1 row)": {"filters": Filters(where=(("custom.k_text","contains","c4ca4238"),))}, "empty": {"filters": Filters(where=(("custom.k_text","null","true"),))},
      "sort text": {"sort": "custom.k_text"}, "sort -amount": {"sort": "-custom.k_amount"}, "sort date": {"sort": "custom.k_date"}, "sort choice": {"sort": "custom.k_choice"}, "search own text": {"filters": Filters(search="c4ca4238")}, "sort city (built-in)": {"sort": "city"}, "city contains (built-in)": {"filters": Filters(where=(("city","contains","zzz"),))},
    }
    for name, ask in cases.items():
        times=[]
        for _ in range(4):
            with h.ctx() as ctx:
                ctx.session.execute(text("SELECT 1")); t=time.perf_counter(); accounts(ctx, **ask); times.append(time.perf_counter()-t)
        print(f"{name:32} {statistics.median(times)*1000:8.1f} ms")
    with h.ctx() as ctx:
        for t_ in ("ix_account_custom","ix_account_custom_find"):
            print(t_, ctx.session.execute(text(f"SELECT pg_size_pretty(pg_relation_size('{t_}'))")).scalar())
