"""Assertions of the tests say something: none is true whatever the program does."""

import ast
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


def offences(source: str) -> list[str]:
    """line: why, for every assertion that holds by its shape."""
    lines, found = source.splitlines(), []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assert):
            found += [f"{node.lineno}: {why}" for part in ast.walk(node.test) if (why := vacuous(part, lines))]
            found += [f"{node.lineno}: a tuple or text is always true"] if isinstance(node.test, ast.Tuple | ast.JoinedStr) or _is_true(node.test) else []
    return found


def vacuous(part: ast.AST, lines: list[str]) -> str | None:
    """Why this part of an assertion says nothing; None for one that does."""
    if not isinstance(part, ast.BoolOp):
        return None
    if any(_is_true(value) for value in part.values) if isinstance(part.op, ast.Or) else False:
        return "or what is always true"
    if isinstance(part.op, ast.Or) and any(_bare_and(value, lines) for value in part.values):
        return "and beside or without brackets"
    if isinstance(part.op, ast.Or) and _is_said_twice(part.values):
        return "one side holds wherever the other does"
    return None


def _is_true(value: ast.AST) -> bool:
    return isinstance(value, ast.Constant) and bool(value.value)


def _bare_and(value: ast.AST, lines: list[str]) -> bool:
    """`a and b` beside `or`: a reader takes it for the other reading. In brackets it is meant."""
    if not isinstance(value, ast.BoolOp):
        return False
    before = lines[value.lineno - 1].encode()[: value.col_offset].decode().rstrip()
    return not before.endswith("(")


def _is_said_twice(values: list[ast.expr]) -> bool:
    """"long text" in x or "text" in x: where the first holds, the second does."""
    known = [(value.left.value, ast.dump(value.comparators[0])) for value in values
             if isinstance(value, ast.Compare) and isinstance(value.ops[0], ast.In) and isinstance(value.left, ast.Constant) and isinstance(value.left.value, str)]
    return any(one is not other and one[1] == other[1] and one[0] in other[0] for one in known for other in known)


def test_no_assertion_is_true_whatever_happens():
    wrong = [f"{path.relative_to(TESTS).as_posix()}:{why}" for path in sorted(TESTS.rglob("*.py")) for why in offences(path.read_text())]
    assert wrong == []


def test_each_of_these_shapes_is_found():
    """Negative control."""
    for text in ("found == [] or True", "found or 'x'", "a and b or c", "c or a and b", "'a long text' in page or 'text' in page", "(a == b, 'why')", "not (a or 1)"):
        assert len(offences(f"assert {text}")) == 1, text
    for text in ("a or b", "(a and b) or c", "a and (b or c)", "'one' in page or 'two' in page", "a == b, 'why'", "a or (b and c)"):
        assert offences(f"assert {text}") == [], text
