"""Imports chunk by chunk: tests stop between two of them, as a worker that is killed does."""

from core.base.stepping import one_chunk
from core.transfer.models import ImportRun


def one_import_chunk(room, door, run_id, round):
    """The next chunk of an import (room: core.transfer.running) or of its undoing (core.transfer.undoing), and no more."""
    return one_chunk(door, ImportRun, run_id, round, room.__name__.rpartition(".")[2], permission="imports.run", step=room.step)
