"""House rules of queues and jobs: every queue has a worker, every name that is deferred has a job, orders are plain."""

import ast
from pathlib import Path

import pytest

from core.base.facts import plain
from workers import queues, schedule
from workers.job import load_jobs
from workers.main import crew_queues

ROOT = Path(__file__).resolve().parents[2]
OURS = ("core", "tenants", "billing", "web", "workers")
# Where the name is a parameter: the two functions that everything goes through, the clock, whose table is checked below,
# and the walk over all tenants, which leaves its own job again.
PASSED_ON = {"core/base/outbox.py", "workers/schedule.py", "workers/walking.py"}


def deferred():
    """(file, line, name) of every defer(…) and defer_row(…) in our packages."""
    for package in OURS:
        for path in (ROOT / package).rglob("*.py"):
            if "node_modules" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                called = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
                if called in ("defer", "defer_row"):
                    yield path.relative_to(ROOT).as_posix(), node.lineno, written(path, node.args[1 if called == "defer" else 2])


def written(path, name):
    """The text of a name: written there, or a constant of the same file; None where it is computed."""
    if isinstance(name, ast.Constant):
        return name.value
    for line in (one for one in ast.parse(path.read_text()).body if isinstance(one, ast.Assign) and isinstance(name, ast.Name)):
        names, values = ast.unparse(line.targets[0]).strip("()").split(", "), getattr(line.value, "elts", [line.value])
        if name.id in names and isinstance(values[names.index(name.id)], ast.Constant):
            return values[names.index(name.id)].value
    return None


def test_every_queue_has_a_worker(stack):
    assert set(crew_queues([])) == set(queues.QUEUES)
    assert {job.queue for job in load_jobs().values()} <= set(queues.QUEUES)


def test_a_job_for_a_queue_without_a_worker_is_refused():
    from workers.job import job

    with pytest.raises(RuntimeError, match="no worker serves"):
        job("test.nowhere", queue="nowhere")


def test_every_name_that_is_deferred_has_a_job():
    known, found = load_jobs(), list(deferred())
    assert found
    for path, line, name in found:
        if path in PASSED_ON:
            continue
        assert name, f"{path}:{line}: the name of an order is written out or a constant of the file, so that it can be found"
        assert name in known, f"{path}:{line}: no job is named {name}"


def test_everything_on_the_clock_has_a_job_of_its_scope():
    known = load_jobs()
    for one in schedule.SCHEDULE:
        assert one.job in known, one.job
        assert known[one.job].control is not one.each_tenant, one.job


def test_no_lazy_string_enters_an_order():
    """What stands in an order is JSON of plain values: a lazy text would be frozen in the wrong language."""

    class Lazy:
        def __str__(self):
            raise AssertionError("evaluated in the wrong place")

    with pytest.raises(AssertionError):
        plain({"text": Lazy()})
    for path in (ROOT / "core").rglob("*.py"):
        assert "lazy_gettext" not in path.read_text(), path


def test_jobs_are_thin():
    """A job is a door: enter, one use case, out (HOUSE 21)."""
    for path in (ROOT / "workers" / "jobs").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and any("job" in ast.unparse(one) for one in node.decorator_list):
                assert node.end_lineno - node.lineno < 40, f"{path.name}: {node.name} has grown"
