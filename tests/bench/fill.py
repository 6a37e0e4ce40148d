"""Fills a tenant by INSERT … SELECT generate_series: names of many scripts, owners, tags, contacts at accounts, a
contact log and the facts that stand on the timelines. Triggers are off meanwhile: filling is not what is measured."""

from psycopg import sql

COMPANIES = """
'Nordlicht','Hansa','Ибер','Atlas','Волга','Северный Ветер','上海明珠','北京华信','한빛','서울정밀','Société Générale du Nord','Peña','Łódź',
'Åkerlund','Café Müller','Great Western','Blue River','Ost-West','株式会社山田','深圳创新','Заря','Москва Строй','Iberia','Río Verde','Kopenhagen'
"""
TRADES = """'Optik','Trading','Logistik','Строй','贸易','전자','Foods','Maschinenbau','Textil','Software','Consulting','Energía','Сервис','医疗','Print'"""
FORMS = "'GmbH','Ltd','S.L.','ООО','有限公司','주식회사','SARL','AG','Oy','Inc'"
FIRST = "'Anna','Иван','Мария','Wei','明','지훈','서연','José','Zoë','Björn','Łukasz','Olga','Sergei','Carmen','Élodie','Lars','Mehmet','Priya','Tom','Inés'"
LAST = """'Müller','Иванов','Смирнова','王','李','张','김','박','García','Fernández','O''Brien','Åström','Nowak','Dubois','Schmidt','Петров','陈','최','Ñuñez',
'van den Berg','Keller','Rossi','Yılmaz','Кузнецова','Jensen'"""
CITIES = "'Madrid','Berlin','Москва','上海','서울','Wien','Łódź','Zürich','Paris','Санкт-Петербург','北京','부산'"


def pick(values: str, by: str) -> str:
    """An element of a list of literals, chosen evenly by the number `by`."""
    return f"(ARRAY[{values}])[1 + ({by}) % cardinality(ARRAY[{values}])]"


ACCOUNTS = f"""
INSERT INTO account (name, owner_id, phone, mail, mail_norm, tags, street, city, country, industry, employees, is_customer, created_at, updated_at)
SELECT {pick(COMPANIES, 'n * 7')} || ' ' || {pick(TRADES, 'n * 11 + n / 25')} || ' ' || n || ' ' || {pick(FORMS, 'n * 3')},
  (%(owners)s::uuid[])[1 + n % (cardinality(%(owners)s::uuid[]) + 1)], '+34 6' || lpad((n * 7919 % 100000000)::text, 8, '0'),
  'office' || n || '@firm' || n || '.example', 'office' || n || '@firm' || n || '.example',
  CASE n % 4 WHEN 0 THEN ARRAY['key'] WHEN 1 THEN ARRAY['newsletter', 'fair'] ELSE '{{}}' END,
  'Street ' || n % 300, {pick(CITIES, 'n')}, 'ES', 'industry ' || n % 12, n % 900, n % 2 = 0, now() - n % 900 * interval '1 day', now() - n % 300 * interval '1 day'
FROM generate_series(1, %(accounts)s) n
"""  # noqa: S608

CONTACTS = f"""
WITH numbered AS (SELECT id, owner_id, row_number() OVER (ORDER BY id) AS at FROM account)
INSERT INTO contact (name, account_id, owner_id, phone, mobile, mail, mail_norm, tags, job_title, language, created_at, updated_at)
SELECT {pick(FIRST, 'n * 13 + n / 20')} || ' ' || {pick(LAST, 'n * 7 + n / 400')} || CASE WHEN n % 9 = 0 THEN '-' || n ELSE '' END, a.id, a.owner_id,
  '+49 30 ' || lpad((n * 104729::bigint % 10000000)::text, 7, '0'), '+49 17 ' || lpad((n * 15485863::bigint % 100000000)::text, 8, '0'),
  'person' || n || '@firm' || a.at || '.example', 'person' || n || '@firm' || a.at || '.example',
  CASE n % 3 WHEN 0 THEN ARRAY['newsletter'] ELSE '{{}}' END, 'Title ' || n % 40, (ARRAY['en','es','zh','ko','ru'])[1 + n % 5],
  now() - n % 700 * interval '1 day', now() - n % 200 * interval '1 day'
FROM generate_series(1, %(contacts)s) n JOIN numbered a ON a.at = 1 + n % %(accounts)s
"""  # noqa: S608

ACTIVITIES = """
INSERT INTO activity (kind, account_id, contact_id, body, happened_at, direction, owner_id, created_by, created_at, next_contact_on)
SELECT (ARRAY['call','mail','visit','meeting','note'])[1 + (row_number() OVER ()) % 5], c.account_id, c.id,
  'Spoke about prices, delivery in spring and the complaint of last week, ' || round || '. ' || c.name, now() - (row_number() OVER ()) % 500 * interval '1 day',
  'out', c.owner_id, c.owner_id, now() - (row_number() OVER ()) % 500 * interval '1 day',
  CASE WHEN (row_number() OVER ()) % 50 = 0 THEN current_date + ((row_number() OVER ()) % 20)::int END
FROM contact c CROSS JOIN generate_series(1, 2) round
"""

FACTS = """
WITH said AS (
  INSERT INTO fact (kind, at, actor_id, actor_name, subject_type, subject_id, params)
  SELECT 'activity.logged', happened_at, owner_id, 'Rep', 'activity', id, jsonb_build_object('kind', kind) FROM activity
  UNION ALL SELECT 'account.created', created_at, owner_id, 'Rep', 'account', id, jsonb_build_object('name', name) FROM account
  RETURNING id, at, subject_type, subject_id)
INSERT INTO fact_subject (fact_id, subject_id, at)
SELECT s.id, s.subject_id, s.at FROM said s
UNION ALL SELECT s.id, a.account_id, s.at FROM said s JOIN activity a ON a.id = s.subject_id WHERE s.subject_type = 'activity' AND a.account_id IS NOT NULL
UNION ALL SELECT s.id, a.contact_id, s.at FROM said s JOIN activity a ON a.id = s.subject_id WHERE s.subject_type = 'activity' AND a.contact_id IS NOT NULL
"""


def fill(ground, house, *, accounts: int, contacts: int) -> None:
    """Put that many rows into a tenant; two activities for each contact, spread over salespeople and the shared pool."""
    owners = [user.id for who, user in house.users.items() if who in ("owner", "rep", "colleague")]
    schema = sql.Identifier(house.tenant.schema_name)
    with ground.admin() as connection, connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute("SET LOCAL synchronous_commit = off")
        connection.execute(sql.SQL("SET LOCAL search_path = {}, ext").format(schema))
        for statement, values in ((ACCOUNTS, {"owners": owners, "accounts": accounts}), (CONTACTS, {"contacts": contacts, "accounts": accounts}),
                                  (ACTIVITIES, None), (FACTS, None)):
            # Remainders are written with one %, as SQL has them; a statement with values wants two.
            connection.execute(statement.replace(" % ", " %% ") if values else statement, values)
    if accounts > 1000:
        analyse(ground, house)


def analyse(ground, house) -> None:
    """As autovacuum would have done by the time a tenant has grown so large."""
    with ground.admin() as connection:
        for table in ("account", "contact", "activity", "fact", "fact_subject", "deal", "deal_stay", "lead", "quote"):
            connection.execute(sql.SQL("VACUUM (ANALYZE) {}.{}").format(sql.Identifier(house.tenant.schema_name), sql.Identifier(table)))
