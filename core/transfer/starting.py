"""The person's yes, and the person's stop."""

from core.base.context import Context
from core.base.errors import Forbidden, Refused
from core.base.facts import record
from core.base.outbox import defer
from core.base.policy import has, require
from core.transfer import consents, kinds, queries
from core.transfer.fields import TO_NOTES, fields_of, writable
from core.transfer.models import MOVING, ImportRun

NEEDS = {"create": ("create",), "update": ("edit",), "both": ("create", "edit")}


def start_run(ctx: Context, run: ImportRun, *, version: int | None = None) -> None:
    """Yes, do it. Refused before the check, with nothing to do, and (where the person chose so) with problems."""
    require(ctx, "imports.run", run)
    may_write(ctx, run)
    if run.state != "checked" or run.is_tidied or version not in (None, run.version):
        raise Refused("import_not_now", state=run.state)
    counts = run.counts
    if run.on_problem == "stop" and counts.get("problem"):
        raise Refused("import_has_problems", count=counts["problem"])
    if not counts.get("create") and not counts.get("update"):
        raise Refused("import_nothing_to_do")
    run.state, run.position, run.rows_done, run.counts = "running", 0, 0, {}
    run.started_at, run.finished_at = ctx.now, None
    run.round += 1
    ctx.session.flush()  # the order below is for this round
    defer(ctx, "transfer.run", run_id=run.id, round=run.round)


def cancel(ctx: Context, run: ImportRun) -> None:
    """Stop after the chunk at hand; what is in stays in and can be undone."""
    require(ctx, "imports.run", run)
    run = queries.locked(ctx, run.id)
    if run.state not in MOVING:
        raise Refused("import_not_now", state=run.state)
    began = run.state == "running" and run.rows_done > 0
    run.state, run.finished_at = "cancelled", ctx.now
    if began:
        record(ctx, "import.cancelled", run, name=run.file_name, done=run.rows_done)


def may_bring(ctx: Context, kind: str) -> None:
    """Refuse whoever could neither make nor change such records, or does not see any: a check tells what is there."""
    room = kinds.of(kind)
    require(ctx, room.needs("read"))
    if not has(ctx, room.needs("edit")):
        require(ctx, room.needs("create"))


def may_write(ctx: Context, run: ImportRun) -> None:
    """Refuse an actor who could not create or change such records, and each field of them that the file brings, one by one."""
    for verb in NEEDS[run.mode]:
        require(ctx, kinds.of(run).needs(verb))
    if run.kind == "contacts" and "account" in run.mapping:
        require(ctx, "accounts.create")
        if run.fills_accounts:
            require(ctx, "accounts.edit")
    if any(consents.is_consent(target) for target in run.mapping):
        require(ctx, "consents.record")
    fields = fields_of(ctx, run.kind).keys()
    if (fields - writable(ctx, run.kind).keys()).intersection("notes" if target == TO_NOTES else target for target in run.mapping):
        raise Forbidden("import_field_protected")
