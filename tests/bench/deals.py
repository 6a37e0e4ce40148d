"""The sales pipeline: 30,000 deals, a third of them open. The board as it opens, its next cards, one's own; a card moved and moved back;
the list, and a deal's page."""

from itertools import cycle

from psycopg import sql

from core.deals import pipelines
from tests.bench.figures import Aim, race
from tests.bench.fill import analyse
from tests.bench.pages import look
from tests.bench.requests import Visitor, recorded, run

DEALS = 30_000
FILL = (
    """INSERT INTO deal (name, pipeline_id, stage_id, state, account_id, owner_id, amount, currency, closes_on, next_step, next_step_on, loss_reason, stage_since, closed_at)
       SELECT 'Bench deal ' || n, s.pipeline_id, s.id, s.kind, a.id, a.owner_id, n %% 9000 + 0.5, 'EUR', current_date + (n %% 200 - 60), CASE WHEN n %% 4 > 0 THEN 'Call' END,
              CASE WHEN n %% 4 > 0 THEN current_date + (n %% 60 - 20) END, CASE WHEN s.kind = 'lost' THEN 'Price' END, now() - n %% 90 * interval '1 day', CASE WHEN s.kind <> 'open' THEN now() END
       FROM generate_series(1, %(deals)s) n
       JOIN (SELECT id, pipeline_id, kind, row_number() OVER (ORDER BY position) AS at FROM deal_stage) s ON s.at = CASE WHEN n %% 3 = 0 THEN 1 + n %% 4 ELSE 5 + n %% 2 END
       JOIN (SELECT id, owner_id, row_number() OVER (ORDER BY id) AS at FROM account LIMIT 5000) a ON a.at = 1 + n %% 5000""",
    "INSERT INTO deal_stay (deal_id, stage_id, entered_at) SELECT id, stage_id, stage_since FROM deal",
)


def measure(ground, subject) -> None:
    house = ground.big
    with ground.hurry(), ground.admin() as connection, connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(sql.SQL("SET LOCAL search_path = {}, ext").format(sql.Identifier(house.tenant.schema_name)))
        for statement in FILL:
            connection.execute(statement, {"deals": ground.size(DEALS)} if "%(" in statement else None)
        deal = connection.execute("SELECT id FROM deal WHERE state = 'open' ORDER BY id LIMIT 1").fetchone()[0]
    analyse(ground, house)
    owner, rep = (Visitor.signed_in(ground.app, house, who) for who in ("owner", "rep"))
    look(ground, subject, owner, "board", "/deals/board", Aim(most=50))
    look(ground, subject, rep, "board as a salesperson", "/deals/board", Aim(most=50))
    look(ground, subject, owner, "one's own board", "/deals/board?owner=me", Aim(most=50))
    for what, query, most in (("page 1", "", 10), ("open ones by amount", "?filter[state][eq]=open&sort=-amount", None), ("searched", "?q=deal+1234", 20), ("in groups by state", "?group=state", None)):
        look(ground, subject, owner, f"deals: {what}", f"/deals{query}", Aim(most=most))
    look(ground, subject, owner, "a deal", f"/deals/{deal}", Aim(most=20))
    for what, path in (("forecast", "/deals/forecast"), ("forecast as a table", "/deals/forecast/table"), ("how deals go through the stages", "/deals/stages")):
        look(ground, subject, owner, what, path, Aim(most=40))
    look(ground, subject, rep, "forecast as a salesperson", "/deals/forecast", Aim(most=40))
    move(ground, subject, owner, house, deal)


def move(ground, subject, visitor: Visitor, house, deal) -> None:
    """A card to the next lane and back again, as the board sends it."""
    with house.ctx("owner") as ctx:
        stages = cycle([str(one.id) for one in pipelines.ways(ctx)[0].stages if one.kind == "open"][:2])

    def moved() -> None:
        environ = visitor.prepared(f"/deals/board/{deal}/stage", {"stage_id": next(stages)})
        answer = run(ground.app, environ)
        assert answer.status == 200, (answer.status, answer.body[-300:])

    moved()
    with recorded() as statements:
        moved()
    (ours,) = race(ground.size(100), moved, warm=4)
    subject.add("a card moved", ours, "ms", aim=Aim(most=8))
    subject.add("  its statements", len(statements), "")
