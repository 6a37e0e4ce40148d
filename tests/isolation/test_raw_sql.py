"""No statement is made of text: a whole injected statement could leave the tenant's role (see test_attempts.py).

Allowed are the landlord (tenants/), the cellar (infra/), texts made only of constants (names in capitals), and
single lines marked `noqa: S608` with their reason.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("core", "billing", "workers", "web")
RUNS_TEXT = {"text", "execute", "executemany", "exec_driver_sql", "scalar", "scalars", "copy", "stream", "literal_column", "DDL"}
# These take nothing but SQL: a variable is refused too, because nobody sees what is in it.
ONLY_CONSTANTS = {"text", "exec_driver_sql", "literal_column", "DDL"}


def made_text(node: ast.AST) -> bool:
    """Is this expression a text put together at run time, out of more than constants?"""
    if all(name.id.isupper() for name in ast.walk(node) if isinstance(name, ast.Name)):
        return False
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        return any(isinstance(side, ast.JoinedStr) or isinstance(side, ast.Constant) and isinstance(side.value, str) or made_text(side) for side in (node.left, node.right))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("format", "join", "replace"):
        return isinstance(node.func.value, ast.Constant) and isinstance(node.func.value.value, str)
    return False


def offences(source: str) -> list[int]:
    """Lines where SQL is made of text, unless they are marked."""
    found, lines = [], source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in RUNS_TEXT:
            continue
        first = node.args[0]
        constant = all(name.id.isupper() for name in ast.walk(first) if isinstance(name, ast.Name)) and not any(isinstance(n, ast.Attribute) and n.attr not in ("join", "format", "replace") for n in ast.walk(first))
        bad = made_text(first) or (name in ONLY_CONSTANTS and not constant)
        marked = any("noqa: S608" in line for line in lines[node.lineno - 1 : node.end_lineno])
        if bad and not marked:
            found.append(node.lineno)
    return found


SOURCES = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "node_modules" not in path.parts]


def from_sqlalchemy(source: str) -> bool:
    return "sqlalchemy" in source or "psycopg" in source


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_statement_is_made_of_text(path):
    source = path.read_text()
    assert not from_sqlalchemy(source) or offences(source) == []


@pytest.mark.parametrize("line", [
    "session.execute(text(f'SELECT * FROM t WHERE name = {name}'))", "text('SELECT ' + name)", "text('SELECT %s' % name)", "text('SELECT {}'.format(name))",
    "text(statement)", "cursor.execute(f'SET ROLE {role}')", "connection.exec_driver_sql(query)", "cursor.execute('SELECT ' + column + ' FROM t')",
    "literal_column(request.args['sort'])", "cursor.copy(f'COPY {table} TO STDOUT')", "text(', '.join(columns))", "session.scalars(text(f'{a}'))",
])
def test_the_lint_finds_what_it_is_for(line):
    """Negative control: each way in which a statement could be put together."""
    assert offences(f"def f():\n    {line}\n") == [2]


@pytest.mark.parametrize("line", [
    "session.execute(select(User))", "text('SELECT 1')", "session.execute(text('SELECT :x'), {'x': x})", "cursor.execute('SELECT %s', (x,))", "text(FIXED)", "text(f'SELECT {FIXED}')",
    "session.execute(text(f\"SET LOCAL tendero.actor = '{actor.id}'\"))  # noqa: S608 (a UUID)", "executor.execute(job)",
])
def test_the_lint_lets_through_what_is_fixed_or_marked(line):
    assert offences(f"FIXED = 'SELECT 1'\ndef f():\n    {line}\n") == []


@pytest.mark.parametrize("pattern", [r"isolation_level\s*=", r"\.raw_connection\(", r"execution_options\(\s*isolation", r"begin_twophase|autocommit=True"])
def test_nobody_goes_around_the_hook(pattern):
    """An isolation level as an option stays on the pooled connection or loses writes; a raw connection has no scope
    (DECISIONS 1). The cellar's own two lines open the pool and the owner's connection."""
    import re

    allowed = {"infra/db.py", "infra/local/postgres.py", "tenants/cluster.py", "workers/leader.py"}
    sources = SOURCES + [path for package in ("infra", "tenants") for path in (ROOT / package).rglob("*.py")]
    found = {path.relative_to(ROOT).as_posix() for path in sources if re.search(pattern, path.read_text())}
    assert found - (allowed if "autocommit" in pattern else set()) == set()


def test_a_marked_line_says_why():
    """`noqa: S608` alone is no reason."""
    import re

    bare = [f"{path.relative_to(ROOT)}:{n}" for path in SOURCES for n, line in enumerate(path.read_text().splitlines(), 1) if re.search(r"noqa: S608(?! ?\()", line)]
    assert bare == []
