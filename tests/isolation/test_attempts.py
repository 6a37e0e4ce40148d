"""Every row of TENANCY.md section 5: what is tried as tenant one, and what the server says to it."""

import psycopg
import pytest
from psycopg import errors, sql
from sqlalchemy import text

from infra.db import NoScope, control_scope, database, open_session, tenant_scope
from tenants import entry
from tests.isolation.conftest import sentinel

DENIED = errors.InsufficientPrivilege


def test_a_tenant_reads_its_own_row(pair):
    with entry.enter(pair.one) as session:
        assert sentinel(session) == [pair.one.schema_name]


@pytest.mark.parametrize("verb", ["SELECT name FROM {}.outbox", "DELETE FROM {}.outbox", "UPDATE {}.outbox SET name = 'x'", "INSERT INTO {}.outbox (name) VALUES ('x')"])
def test_another_tenants_table_is_out_of_reach(pair, verb):
    with pair.guarded() as cursor, pytest.raises(DENIED, match="permission denied for schema"):
        cursor.execute(sql.SQL(verb).format(sql.Identifier(pair.other.schema_name)))


@pytest.mark.parametrize("table", ["tenant", "outbox", "operator", "mail_index", "login_token"])
def test_the_directory_is_out_of_reach(pair, table):
    with pair.guarded() as cursor, pytest.raises(DENIED):
        cursor.execute(sql.SQL("SELECT * FROM control.{}").format(sql.Identifier(table)))


def test_the_control_role_reads_no_tenant(pair):
    with entry.control() as session, pytest.raises(Exception, match="permission denied for schema"):
        session.execute(text(f"SELECT name FROM {pair.one.schema_name}.outbox"))


def test_who_forgets_to_scope_gets_an_error_and_no_data(stack):
    with database().engine().connect() as connection, pytest.raises(NoScope):
        connection.execute(text("SELECT 1"))


def test_a_search_path_alone_opens_nothing(pair):
    """The login with the right path but without the role: what a forgotten SET ROLE would be."""
    with pair.login() as cursor, pytest.raises(DENIED):
        cursor.execute(f"BEGIN; SET LOCAL search_path = {pair.one.schema_name}; SELECT name FROM {pair.one.schema_name}.outbox")


def test_the_login_reads_nothing_by_itself(pair):
    for schema in (pair.one.schema_name, pair.other.schema_name, "control"):
        with pair.login() as cursor, pytest.raises(DENIED):
            cursor.execute(f"SELECT * FROM {schema}.outbox")
    with pair.login() as cursor:
        cursor.execute("SELECT rolinherit, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False, False, False, False)


@pytest.mark.parametrize("statement", [
    "DROP TABLE outbox", "DROP SCHEMA {schema} CASCADE", "TRUNCATE outbox", "ALTER TABLE outbox ADD COLUMN x int", "CREATE TABLE x (a int)",
    "CREATE TABLE public.x (a int)", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE ROLE evil", "CREATE EXTENSION dblink",
    "COPY outbox TO PROGRAM 'cat'", "COPY outbox FROM '/etc/passwd'", "ALTER ROLE tendero_app SUPERUSER",
    "SELECT pg_read_file('/etc/passwd')", "SELECT pg_ls_dir('.')", "SELECT lo_import('/etc/passwd')",
    "DROP TRIGGER append_only ON audit_entry", "DELETE FROM audit_entry", "INSERT INTO audit_entry (table_name) VALUES ('x')",
    "UPDATE fact SET kind = 'x'", "UPDATE schema_version SET version = 'x'",
])
def test_a_tenant_owns_nothing(pair, statement):
    with pair.guarded() as cursor, pytest.raises((DENIED, errors.UndefinedFunction)):
        cursor.execute(statement.replace("{schema}", pair.one.schema_name))


def test_a_tenant_changes_no_setting_of_the_server(pair):
    with pair.guarded() as cursor, pytest.raises((DENIED, errors.ActiveSqlTransaction)):
        cursor.execute("ALTER SYSTEM SET fsync = off")
    with pair.login() as cursor, pytest.raises(DENIED):
        cursor.execute("ALTER SYSTEM SET fsync = off")


def test_a_tenant_grants_nothing(pair):
    """PostgreSQL only warns here; what counts is that nothing was granted."""
    with pair.guarded() as cursor:
        cursor.execute("GRANT SELECT ON outbox TO PUBLIC")
        cursor.execute("SELECT count(*) FROM information_schema.role_table_grants WHERE table_schema = %s AND grantee = 'PUBLIC'", (pair.one.schema_name,))
        assert cursor.fetchone() == (0,)


ESCAPE = "RESET ROLE; SET ROLE r_{other}; SELECT name FROM {other}.outbox"


def escape(pair, text_with_percent: str = "") -> str:
    return f"SELECT 1{text_with_percent}; " + ESCAPE.format(other=pair.other.schema_name)


@pytest.mark.parametrize("params", [None, (), ("x",)], ids=["none", "empty", "bound"])
def test_a_second_statement_in_one_string_is_refused(pair, params):
    query = escape(pair, " WHERE %s = 'x'" if params else "")
    with pair.guarded() as cursor, pytest.raises(errors.SyntaxError, match="multiple commands"):
        cursor.execute(query, params)


def test_a_second_statement_is_refused_through_every_way_of_the_driver(pair):
    with pair.guarded() as cursor, pytest.raises(psycopg.Error):
        cursor.executemany(escape(pair), [()])
    with pair.guarded() as cursor, pytest.raises(psycopg.Error):
        list(cursor.stream(escape(pair)))
    with pair.guarded() as cursor, pytest.raises(psycopg.Error):
        cursor.connection.execute(escape(pair))


def test_a_second_statement_is_refused_behind_a_copy(pair):
    """COPY goes by the simple protocol, where the server itself would run all of it."""
    attack = "COPY outbox TO STDOUT; " + ESCAPE.format(other=pair.other.schema_name)
    for statement in (attack, attack.encode(), sql.SQL(attack), "SET ROLE r_x; COPY outbox TO STDOUT"):
        with pair.guarded() as cursor:
            with pytest.raises(errors.SyntaxError, match="multiple commands"), cursor.copy(statement) as copy:
                list(copy)
            cursor.execute("SELECT current_user")
            assert cursor.fetchone() == (f"r_{pair.one.schema_name}",)
    with pair.guarded() as cursor, cursor.copy("COPY outbox (name) TO STDOUT") as copy:
        assert [bytes(row) for row in copy] == [pair.one.schema_name.encode() + b"\n"]


def test_without_the_guard_a_copy_carries_the_escape(pair):
    """Negative control: the driver's own cursor lets it through, and the role is another one afterwards."""
    with pair.guarded() as cursor:
        plain = psycopg.Cursor(cursor.connection)
        with pytest.raises(psycopg.ProgrammingError), plain.copy("COPY outbox TO STDOUT; " + ESCAPE.format(other=pair.other.schema_name)) as copy:
            list(copy)
        assert psycopg.Cursor(cursor.connection).execute("SELECT current_user").fetchone() == (f"r_{pair.other.schema_name}",)


def test_a_second_statement_is_refused_through_sqlalchemy(pair):
    for run in (lambda s, q: s.execute(text(q)), lambda s, q: s.connection().exec_driver_sql(q)):
        with pytest.raises(Exception, match="multiple commands"), entry.enter(pair.one) as session:
            run(session, escape(pair))


def test_without_the_guard_the_second_statement_escapes(pair):
    """Negative control, and why the guard is there: the same text through the driver's own cursor gets out."""
    with pair.guarded() as cursor:
        plain = psycopg.Cursor(cursor.connection)
        plain.execute(escape(pair), prepare=False)
        while plain.nextset():
            pass
        assert plain.fetchall() == [(pair.other.schema_name,)]


def test_a_whole_injected_statement_would_escape(pair):
    """Stated, not hidden: whoever can run a whole statement of his own leaves the role. What stands before it is that
    no statement is made of text (tests/isolation/test_raw_sql.py)."""
    with pair.guarded() as cursor:
        cursor.execute(f"SET ROLE r_{pair.other.schema_name}")
        cursor.execute(f"SELECT name FROM {pair.other.schema_name}.outbox")
        assert cursor.fetchall() == [(pair.other.schema_name,)]


@pytest.mark.parametrize("call", [
    "set_config('role', 'r_{other}', true)", "set_config('search_path', '{other}', true)",
    "query_to_xml('SELECT name FROM {other}.outbox', true, false, '')", "table_to_xml('{other}.outbox', true, false, '')",
    "schema_to_xml('{other}', true, false, '')", "database_to_xml(true, false, '')", "query_to_xmlschema('SELECT 1', true, false, '')",
    "cursor_to_xml('c', 1, true, false, '')",
])
def test_nothing_inside_an_expression_changes_the_role(pair, call):
    with pair.guarded() as cursor, pytest.raises(DENIED):
        cursor.execute("SELECT " + call.format(other=pair.other.schema_name))
    with pair.guarded() as cursor:
        name = call.split("(")[0]
        cursor.execute("SELECT bool_or(has_function_privilege(current_user, oid, 'EXECUTE')) FROM pg_proc WHERE proname = %s", (name,))
        assert cursor.fetchone() == (False,)


@pytest.mark.parametrize("function", ["dblink", "pg_sleep_for", "lo_get", "pg_terminate_backend"])
def test_functions_that_reach_out_are_absent_or_harmless(pair, function):
    """What stays callable acts on one's own session only: pg_terminate_backend needs the same role."""
    with pair.guarded() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE usename = 'postgres' OR backend_type <> 'client backend' LIMIT 1")
        pid = cursor.fetchone()[0]
        calls = {"dblink": "SELECT dblink('x')", "pg_sleep_for": "SELECT pg_sleep_for('0 s')", "lo_get": "SELECT lo_get(1)", "pg_terminate_backend": f"SELECT pg_terminate_backend({pid})"}
        if function == "pg_sleep_for":
            cursor.execute(calls[function])
        else:
            with pytest.raises((DENIED, errors.UndefinedFunction, errors.UndefinedObject)):
                cursor.execute(calls[function])


def test_catalogs_are_readable_and_name_no_company(pair):
    """Other schemas show in the catalogs: their names must say nothing, and planner statistics no values."""
    with pair.guarded() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^t[0-9a-z]{1,20}$'")
        names = {row[0] for row in cursor}
        assert pair.other.schema_name in names
        assert not any(pair.other.slug.split("-")[0] in name for name in names)
        cursor.execute("SELECT count(*) FROM pg_stats WHERE schemaname = %s", (pair.other.schema_name,))
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("name", ["public", "t1; DROP SCHEMA x", "pg_catalog", "control", "T1", "", "t1 , control", 't"1'])
def test_a_scope_takes_only_names_that_the_directory_makes(name):
    with pytest.raises(NoScope):
        tenant_scope(name)


def test_an_actor_is_a_key_and_no_text():
    with pytest.raises(NoScope):
        tenant_scope("t1", "x'; RESET ROLE; --")


def test_a_transaction_runs_under_its_tenants_role_from_the_first_statement(pair):
    with entry.enter(pair.one) as session:
        role, path, login = session.execute(text("SELECT current_user, current_setting('search_path'), session_user")).one()
    assert (role, path, login) == (f"r_{pair.one.schema_name}", f"{pair.one.schema_name}, ext", "tendero_app")


def test_after_the_transaction_the_connection_knows_no_tenant(pair):
    """Whatever ended it: commit, rollback, or an error in the middle."""
    engine = database().engine()
    for ending in ("commit", "rollback", "error"):
        session = open_session(engine, tenant_scope(pair.one.schema_name))
        raw = session.connection().connection.dbapi_connection
        if ending == "error":
            with pytest.raises(Exception, match="does not exist"):
                session.execute(text("SELECT no_such_thing"))
        (session.commit if ending == "commit" else session.rollback)()
        state = psycopg.Cursor(raw).execute("SELECT current_user, current_setting('search_path')").fetchone()
        session.close()
        assert state[0] == "tendero_app" and pair.one.schema_name not in state[1]


def test_savepoints_keep_the_scope(pair):
    with entry.enter(pair.one) as session:
        with pytest.raises(Exception, match="does not exist"), session.begin_nested():
            session.execute(text("SELECT no_such_thing"))
        assert sentinel(session) == [pair.one.schema_name]


def test_roles_of_tenants_inherit_nothing_and_cannot_log_in(pair):
    with open_session(database().engine(), control_scope()) as session:
        rows = session.execute(text("SELECT rolname, rolcanlogin, rolsuper FROM pg_roles WHERE rolname LIKE 'r\\_t%'")).all()
        inherited = session.execute(text("SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = 'tendero_app' AND m.inherit_option")).scalar_one()
    assert rows and not any(row.rolcanlogin or row.rolsuper for row in rows) and inherited == 0
