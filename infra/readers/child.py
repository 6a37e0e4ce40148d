"""The reading process: limits itself first, then turns one file into a file of rows; what it found goes to its output."""

import json
import resource
import sys
from pathlib import Path

MEMORY = 288 * 1024 * 1024
SECONDS = 20
BYTES = 200 * 1024 * 1024


def main() -> None:
    """argv: kind, file, out, sheet ("" for the first that holds anything), charset. Answers one JSON object."""
    limit()
    kind, path, out, sheet, charset = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4], sys.argv[5]
    sys.stdout.write(json.dumps(answer_of(kind, path, out, sheet, charset)))


def answer_of(kind: str, path: Path, out: Path, sheet: str, charset: str) -> dict:
    """What was read, or {"refused": code, "params"}. A panic of the reader of workbooks, which is not ours, is a damaged file."""
    from infra.readers.rows import Unreadable

    try:
        return READ[kind](path, out, sheet, charset)
    except Unreadable as refusal:
        return {"refused": refusal.code, "params": refusal.params}
    except MemoryError:
        return {"refused": "bomb", "params": {}}
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        return {"refused": "damaged", "params": {}}


def limit(memory: int = MEMORY) -> None:
    """Little memory, little time, no large files, no children, no core."""
    for what, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_FSIZE, BYTES), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, most))


def read_workbook(path: Path, out: Path, sheet: str, charset: str) -> dict:
    """A sheet of a workbook as rows, and which sheets there are."""
    from infra.readers.rows import write_table
    from infra.readers.workbooks import Workbook

    book = Workbook(path)
    chosen = sheet if sheet in book.sheets else book.first()
    with out.open("w", encoding="utf-8") as file:
        return {"sheets": book.sheets, "sheet": chosen, "rows": write_table(book.rows(chosen), file)}


def read_vcard(path: Path, out: Path, sheet: str, charset: str) -> dict:
    """People of cards as rows."""
    from infra.readers.cards import write_people
    from infra.readers.vcards import read_cards

    return {"sheets": [], "sheet": "", "rows": write_people(read_cards(path, charset), out)}


def read_ldif(path: Path, out: Path, sheet: str, charset: str) -> dict:
    """People of a directory as rows."""
    from infra.readers.cards import write_people
    from infra.readers.ldif import read_entries

    return {"sheets": [], "sheet": "", "rows": write_people(read_entries(path, charset), out)}


def read_calendar(path: Path, out: Path, since: str, charset: str) -> dict:
    """Events of a calendar as rows; what repeats, from the moment `since` on."""
    from datetime import datetime

    from infra.readers.calendars import write_events

    return {"sheets": [], "sheet": ""} | write_events(path, out, datetime.fromisoformat(since))


READ = {"calendar": read_calendar, "workbook": read_workbook, "vcard": read_vcard, "ldif": read_ldif}
