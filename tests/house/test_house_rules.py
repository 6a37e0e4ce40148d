"""Rules of the house that a reader could break without noticing."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("infra", "core", "tenants", "billing", "workers", "web")
SOURCES = [p for package in PACKAGES for p in (ROOT / package).rglob("*.py") if "node_modules" not in p.parts]
DOORS = ("web", "workers", "tenants/entry.py")


def offending(pattern: str, paths=SOURCES, allowed: tuple[str, ...] = ()) -> list[str]:
    """file:line of every match outside the allowed path beginnings."""
    found = []
    for path in paths:
        name = path.relative_to(ROOT).as_posix()
        if name.startswith(allowed) if allowed else False:
            continue
        found += [f"{name}:{n}" for n, line in enumerate(path.read_text().splitlines(), 1) if re.search(pattern, line)]
    return found


def test_imports_point_downwards():
    """The contracts of pyproject.toml (HOUSE 2.2, 2.4)."""
    done = subprocess.run([sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]


def test_nobody_commits_below_the_doors():
    assert offending(r"\.commit\(", allowed=DOORS) == []


def test_now_comes_from_the_context():
    """Only the doors' clock reads the wall; everybody below is given the time."""
    allowed = ("web", "workers", "infra", "tenants/entry.py", "tenants/runs.py")
    assert offending(r"datetime\.(now|utcnow|today)\(|date\.today\(|time\.time\(", allowed=(*allowed, "core/base/ids.py")) == []


def test_no_isolation_level_and_no_raw_connection():
    """REPEATABLE READ as an option stays on a pooled connection; AUTOCOMMIT loses writes under the hook (DECISIONS 1)."""
    assert offending(r"isolation_level\s*=|\.raw_connection\(|execution_options\(isolation") == []


def test_owner_connections_stay_out_of_request_code():
    assert offending(r"\.owner\(", allowed=("infra", "tenants", "workers", "billing")) == []


def test_templates_hold_no_inline_style_or_handler():
    templates = [p for p in (ROOT / "web").rglob("*.html") if "node_modules" not in p.parts]
    assert offending(r"\sstyle=\"|\son[a-z]+=\"|javascript:|hx-on|\|\s*safe\b", templates) == []


def test_no_jinja_environment_for_text_of_users():
    """User templates never meet Jinja (RELIABILITY X1, X2)."""
    assert offending(r"render_template_string|jinja2.*Environment\(|from_string\(", allowed=("core/post", "web/app.py")) == []


def test_package_names_resolve_inside_the_repository():
    import importlib

    for name in PACKAGES:
        assert Path(importlib.import_module(name).__file__).is_relative_to(ROOT)


def test_no_em_dash_and_no_unfinished_mark():
    # infra/spreadsheets.py lists the characters of encodings, that one among them.
    assert offending("\u2014", allowed=("infra/spreadsheets.py",)) == []
    # XXX in quotes or beside ISO 4217 is a currency code.
    assert offending(r"\b(TODO|FIXME|HACK)\b|(?<!\")\bXXX\b(?!\"|\.$)") == []


def test_public_functions_say_what_they_do():
    """Every public function of the middle and the landlord has a docstring."""
    silent = []
    for path in SOURCES:
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(("core/", "tenants/", "billing/", "infra/")) or "/migrations/" in name:
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not ast.get_docstring(node) and node.end_lineno - node.lineno > 6:
                silent.append(f"{name}:{node.name}")
    assert silent == []


def test_every_foreign_key_to_a_party_is_declared_a_child():
    """Merge, handover, erase and recycle bin must know every table that hangs on an account or contact (DECISIONS 2)."""
    from core.base import registry
    from core.base.model import TenantBase

    registry.load_models()
    declared = {(c.table, c.column) for c in registry.collect_children()}
    found = {
        (table.name, column.name) for table in TenantBase.metadata.tables.values() for column in table.columns
        for key in column.foreign_keys if key.target_fullname in ("account.id", "contact.id")
    }
    assert found - declared == set()


def test_every_refusal_and_fact_has_words():
    from core.base.registry import modules
    from web.words import words

    modules("words")
    codes = set()
    for path in SOURCES:
        name = path.relative_to(ROOT).as_posix()
        if name.startswith(("core/", "tenants/", "billing/", "web/", "infra/")):
            text = path.read_text()
            codes |= set(re.findall(r"\b(?:Refused|Conflict|Gone|TooMany|ReadOnly)\(\s*\"([a-z_]+)\"", text))
            codes |= set(re.findall(r"\brecord\(ctx, \"([a-z_.]+)\"", text))
    assert codes - set(words()) == set()


@pytest.mark.parametrize("path", [p for p in SOURCES if "/migrations/" not in p.as_posix()], ids=lambda p: p.relative_to(ROOT).as_posix())
def test_files_end_before_they_bore(path):
    assert path.read_text().count("\n") <= (450 if path.name == "models.py" else 330)
