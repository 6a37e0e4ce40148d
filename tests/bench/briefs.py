"""The morning of a busy salesperson: his daily list, the page of a customer with a long history, the brief of that customer on a page and on paper."""

from psycopg import sql

from tests.bench.figures import Aim, race
from tests.bench.fill import analyse
from tests.bench.pages import look
from tests.bench.requests import Visitor, run

ENTRIES, PEOPLE, DEALS, PLANNED = 5_000, 40, 40, 400
# One customer of the salesperson with years of contacts; and what he himself is to do in the days around today.
BUSY = (
    "UPDATE account SET owner_id = %(rep)s WHERE id = %(account)s",
    """INSERT INTO contact (name, account_id, owner_id, mail, mail_norm) SELECT 'Busy person ' || n, %(account)s, %(rep)s, 'busy' || n || '@busy.example', 'busy' || n || '@busy.example'
       FROM generate_series(1, %(people)s) n""",
    """INSERT INTO activity (kind, account_id, contact_id, body, happened_at, owner_id)
       SELECT (ARRAY['call', 'mail', 'meeting', 'note'])[1 + n %% 4], %(account)s, c.id, 'Spoke about delivery ' || n, now() - n * interval '7 hours', %(rep)s
       FROM generate_series(1, %(entries)s) n JOIN (SELECT id, row_number() OVER (ORDER BY id) AS at FROM contact WHERE account_id = %(account)s) c ON c.at = 1 + n %% %(people)s""",
    """INSERT INTO activity (kind, account_id, body, happened_at, owner_id, next_contact_on, next_contact_note, next_contact_kind)
       SELECT 'call', a.id, 'Wants to hear from us', now() - interval '9 days', %(rep)s, current_date + (n %% 20 - 15), 'Call back ' || n, CASE n %% 5 WHEN 0 THEN 'promise' ELSE 'call' END
       FROM generate_series(1, %(planned)s) n JOIN (SELECT id, row_number() OVER (ORDER BY id) AS at FROM account WHERE deleted_at IS NULL LIMIT %(planned)s) a ON a.at = n""",
    """INSERT INTO deal (name, pipeline_id, stage_id, state, account_id, owner_id, amount, currency, closes_on, stage_since, closed_at)
       SELECT 'Busy deal ' || n, s.pipeline_id, s.id, s.kind, %(account)s, %(rep)s, 100 + n, 'EUR', current_date + n, now() - n * interval '1 day', CASE WHEN s.kind <> 'open' THEN now() END
       FROM generate_series(1, %(deals)s) n JOIN (SELECT id, pipeline_id, kind, row_number() OVER (ORDER BY position) AS at FROM deal_stage WHERE kind IN ('open', 'won')) s ON s.at = 1 + n %% 4""",
)


def measure(ground, subject) -> None:
    account = fill(ground, ground.big)
    rep = Visitor.signed_in(ground.app, ground.big, "rep")
    look(ground, subject, rep, "daily list of a busy salesperson", "/", Aim(most=50))
    look(ground, subject, rep, "account with its full timeline", f"/accounts/{account}", Aim(most=20))
    look(ground, subject, rep, "brief of that account", f"/accounts/{account}/brief", Aim(most=1_000))
    environ = rep.prepared(f"/accounts/{account}/brief.pdf")

    def sheet():
        answer = run(ground.app, dict(environ))
        assert answer.status == 200 and answer.body.startswith(b"%PDF"), answer.status

    (ours,) = race(ground.size(30), sheet, warm=2)
    subject.add("the same on paper, warm", ours, "ms", aim=Aim(most=1_000))


def fill(ground, house) -> str:
    values = {"rep": house.users["rep"].id, "entries": ground.size(ENTRIES), "people": PEOPLE, "deals": DEALS, "planned": PLANNED}
    with ground.hurry(), ground.admin() as connection, connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(sql.SQL("SET LOCAL search_path = {}, ext").format(sql.Identifier(house.tenant.schema_name)))
        values["account"] = connection.execute("SELECT id FROM account WHERE deleted_at IS NULL ORDER BY id DESC LIMIT 1").fetchone()[0]
        for statement in BUSY:
            connection.execute(statement, {name: value for name, value in values.items() if f"%({name})s" in statement})
    analyse(ground, house)
    return str(values["account"])
