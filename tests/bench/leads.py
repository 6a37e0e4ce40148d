"""Leads: 10,000 of them scored by the five rules that a workspace begins with, all at once and one by one; the list, sorted by the score,
and a lead's page with who is known already."""

from psycopg import sql

from core.leads import scoring
from tests.bench.figures import Aim, race
from tests.bench.fill import analyse
from tests.bench.pages import look
from tests.bench.requests import Visitor

LEADS = 10_000
FILL = """INSERT INTO lead (name, company, mail, mail_norm, phone, city, country, interest, source, campaign, touches, owner_id, state_since, created_at)
          SELECT 'Bench lead ' || n, CASE WHEN n %% 3 > 0 THEN 'Company ' || n END, 'l' || n || CASE WHEN n %% 4 = 0 THEN '@gmail.com' ELSE '@lead.example' END,
                 'l' || n || CASE WHEN n %% 4 = 0 THEN '@gmail.com' ELSE '@lead.example' END, CASE WHEN n %% 2 = 0 THEN '+49 40 ' || n END, 'Kiel', 'DE',
                 CASE WHEN n %% 5 > 0 THEN 'Trays' END, 'form', 'Spring', 1 + n %% 3, (SELECT id FROM app_user ORDER BY id LIMIT 1), now(), now() - n %% 90 * interval '1 day'
          FROM generate_series(1, %(leads)s) n"""


def measure(ground, subject) -> None:
    house = ground.big
    with ground.hurry(), ground.admin() as connection, connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(sql.SQL("SET LOCAL search_path = {}, ext").format(sql.Identifier(house.tenant.schema_name)))
        connection.execute(FILL, {"leads": ground.size(LEADS)})
        lead = connection.execute("SELECT id FROM lead ORDER BY id LIMIT 1").fetchone()[0]
    analyse(ground, house)

    def score_all() -> None:
        with house.ctx("owner") as ctx:
            ctx.session.execute(scoring.LeadScore.__table__.delete())
            assert scoring.rescore(ctx) >= ground.size(LEADS)

    def again() -> None:
        with house.ctx("owner") as ctx:
            assert scoring.rescore(ctx) == 0

    def one() -> None:
        with house.ctx("owner") as ctx:
            scoring.rescore(ctx, [lead])

    for what, act, rounds in (("all scored for the first time", score_all, 5), ("all scored again, nothing changed", again, 5), ("one scored", one, 100)):
        (ours,) = race(ground.size(rounds), act, warm=1)
        subject.add(what, ours, "ms")
    owner = Visitor.signed_in(ground.app, house, "owner")
    for what, query, most in (("page 1", "", 10), ("by score", "?sort=-score", None), ("searched", "?q=company+1234", 20)):
        look(ground, subject, owner, f"leads: {what}", f"/leads{query}", Aim(most=most))
    look(ground, subject, owner, "a lead", f"/leads/{lead}", Aim(most=20))
