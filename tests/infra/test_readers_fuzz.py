"""Any bytes give rows within the limits or a refusal with a word, never a traceback: made up ones, and real files that were damaged.

Ordinary runs repeat the same examples; `bin/test --deep` draws new ones, and many.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.transfer.words import WORDS
from infra import spreadsheets
from infra.readers import child
from infra.readers.converting import ROOT, START, convert, kind_of
from infra.readers.rows import MAX_CELL, MAX_COLUMNS, MAX_ROWS, Unreadable, read_table
from infra.spreadsheets import DELIMITERS, ENCODINGS, Form

DEEP = bool(os.environ.get("TENDERO_DEEP"))
# Small examples need no shrinking, and shrinking a reader that hangs takes an hour.
FUZZ = settings(max_examples=2000 if DEEP else 100, derandomize=not DEEP, deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
FOREIGN = settings(FUZZ, max_examples=1000 if DEEP else 40)
# What one file may take, whatever it holds: of the processor, however busy it is, and of memory.
SECONDS, PEAK = 2, 300 * 2**20
BETTER = {"no_rows": "file_empty", "empty": "file_empty"}
VCARD = ["BEGIN:VCARD", "END:VCARD", "VERSION:3.0", "FN:", "N:a;b;c", "TEL;TYPE=work:", "EMAIL:", "ADR:;;x", "=", "ENCODING=QUOTED-PRINTABLE", "ENCODING=b", "CHARSET=", ";", ":", "\\", "\\n", "\r\n ", "\n", "\t",
         "=0D=0A", "item1.", "BDAY:", "PHOTO:", "ORG:", "\"", "é", "\u2028"]
LDIF = ["dn:", "dn: cn=a", "cn:", "mail: ", "cn:: YQ==", "cn:: !", "cn:< file:///etc/passwd", "version: 1", "changetype: delete", "-", "\n", "\n ", "\r\n", "#", ":", "objectclass: person", "é", "birthyear: 0"]
LIST = [",", ";", "\t", "|", "\"", "\"\"", "\n", "\r\n", "\r", "name", "'", "=1+1", "\0", "\ufeff", "sep=;", "é", "王", "\x1a", " ", "0"]


def texts(tokens):
    """Bytes of a text made of a format's own pieces, in any encoding, with anything between."""
    pieces = st.lists(st.one_of(st.sampled_from(tokens), st.text(max_size=8)), max_size=60).map("".join)
    return st.one_of(st.binary(max_size=400), st.builds(lambda text, code: text.encode(code, "replace"), pieces, st.sampled_from(["utf-8", "utf-16", "cp1251", "gb18030"])))


def damaged(content, draw):
    """A real file with bytes flipped, pieces cut out, doubled, moved, and its end missing."""
    data = bytearray(content)
    for what, at, length, byte in draw:
        if not data:
            break
        at %= len(data)
        piece = bytes(data[at : at + length])
        if what == "flip":
            data[at] ^= byte or 1
        elif what == "cut":
            del data[at : at + length]
        elif what == "double":
            data[at:at] = piece * (1 + byte % 4)
        elif what == "end":
            del data[at:]
        else:
            data[at : at + len(piece)] = bytes([byte]) * len(piece)
    return bytes(data)


HURTS = st.lists(st.tuples(st.sampled_from(["flip", "flip", "flip", "cut", "double", "fill", "end"]), st.integers(0, 2**20), st.integers(1, 64), st.integers(0, 255)), min_size=1, max_size=6)


def within_limits(rows):
    count = 0
    for row in rows:
        count += 1
        assert len(row.cells) <= MAX_COLUMNS and all(len(cell) <= MAX_CELL for cell in row.cells)
    assert count <= MAX_ROWS + 1


def said(refusal):
    """The refusal is one that pages have a sentence for."""
    code = BETTER.get(refusal.code, f"file_{refusal.code}")
    assert code in WORDS and WORDS[code] % {**{"max": 1, "line": 1}, **refusal.params}


class Hangs(BaseException):
    """A file took more than its time; no reader takes this for a damaged one."""


class Means:
    """How many files were read, and the most that one of them took."""

    files, seconds, memory = 0, 0.0, 0

    def note(self, seconds, memory):
        self.files, self.seconds, self.memory = self.files + 1, max(self.seconds, seconds), max(self.memory, memory)


TAKEN = Means()


@pytest.fixture(scope="module", autouse=True)
def means(request):
    """Says at the end what was read."""
    yield
    request.config.get_terminal_writer().line(f"\nreaders: {TAKEN.files} files read, the slowest in {TAKEN.seconds:.2f} s, the largest in {TAKEN.memory / 2**20:.0f} MiB")


def memory(name):
    """VmRSS (now) or VmHWM (at most since it was set back) of this process, in bytes."""
    return 1024 * int(next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name)))


@contextmanager
def within_means():
    """One file read in this process: `Hangs` after its time, an error where it took more memory than it may."""

    def over(*_):
        raise Hangs

    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before, began, usual = memory("VmRSS"), time.process_time(), signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, usual)
    took = memory("VmHWM") - before
    TAKEN.note(time.process_time() - began, took)
    assert took < PEAK, took


def read_list(content, form=None):
    with tempfile.NamedTemporaryFile() as file, within_means():
        Path(file.name).write_bytes(content)
        try:
            within_limits(spreadsheets.read_rows(Path(file.name), form)[1])
        except Unreadable as refusal:
            said(refusal)


def read_here(kind, content):
    """Our own readers, without a process."""
    with tempfile.TemporaryDirectory() as folder, within_means():
        path, out = Path(folder) / "in", Path(folder) / "rows"
        path.write_bytes(content)
        try:
            child.READ[kind](path, out, "", "utf-8")
            within_limits(read_table(out))
        except Unreadable as refusal:
            said(refusal)


def read_inside(kind, content):
    """The reader of workbooks, which is not ours, in a process of its own with limits that dies without harm."""
    with tempfile.TemporaryDirectory() as folder:
        path, out, answer = (Path(folder) / name for name in ("in", "rows", "answer"))
        path.write_bytes(content)
        here = os.fork()
        if here == 0:
            _read_and_exit(kind, path, out, answer)
        code, used = ended(here)
        assert code != -signal.SIGXCPU, (kind, "hangs", content[:300])
        if code < 0:
            return  # ended by its memory, or by the foreign reader itself: a refusal ("bomb") to whoever waits for it
        took = json.loads(answer.read_text()).get("memory", 0) if answer.exists() else 0
        TAKEN.note(used.ru_utime + used.ru_stime, took)
        assert took < PEAK, (kind, took, content[:300])
        found = json.loads(answer.read_text()) if answer.exists() else {"error": code}
        assert "error" not in found, (kind, found, content[:300])
        if "refused" in found:
            said(Unreadable(found["refused"], **found["params"]))
        else:
            within_limits(read_table(out))


def ended(process):
    """(exit code, what it used) of a child."""
    _, status, used = os.wait4(process, 0)
    return os.waitstatus_to_exitcode(status), used


def _read_and_exit(kind, path, out, answer):
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (child.BYTES, child.BYTES))
    Path("/proc/self/clear_refs").write_text("5")
    before = memory("VmRSS")
    try:
        found = child.answer_of(kind, path, out, "", "utf-8")
    except BaseException as error:
        found = {"error": repr(error)}
    answer.write_text(json.dumps(found | {"memory": memory("VmHWM") - before}))
    os._exit(0)


@FUZZ
@given(texts(LIST))
def test_any_bytes_are_a_list_or_refused(content):
    read_list(content)


@FUZZ
@given(texts(LIST), st.sampled_from(ENCODINGS), st.sampled_from(DELIMITERS), st.integers(0, 4))
def test_any_bytes_read_as_a_person_says_are_a_list_or_refused(content, encoding, delimiter, header):
    read_list(content, Form(encoding, delimiter, header))


@FUZZ
@given(texts(VCARD))
def test_any_bytes_are_cards_or_refused(content):
    read_here("vcard", content)


@FUZZ
@given(texts(LDIF))
def test_any_bytes_are_a_directory_or_refused(content):
    read_here("ldif", content)


@FOREIGN
@given(st.one_of(st.binary(max_size=300), st.binary(max_size=300).map(lambda some: b"PK\x03\x04" + some), st.binary(max_size=300).map(lambda some: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + some)))
def test_any_bytes_are_a_workbook_or_refused(content):
    read_inside("workbook", content)


@pytest.fixture(scope="module")
def real(data):
    """kind -> small real files."""
    files = [*(data / "spreadsheets").iterdir(), *(data / "odoo-import-templates").iterdir(), *(data / "vcard-devices").iterdir(), *(data / "thunderbird-addressbook").iterdir(), *(data / "csv-dialects").iterdir()]
    found = {}
    for path in sorted(path for path in files if path.is_file() and path.suffix != ".md" and 0 < path.stat().st_size < 40_000):
        found.setdefault(kind_of(path), []).append(path.read_bytes())
    assert {kind for kind, some in found.items() if len(some) > 1} >= {"workbook", "vcard", "csv"}
    return found


@pytest.mark.parametrize("kind", ["workbook", "vcard", "ldif", "csv"])
def test_a_real_file_that_was_damaged_is_read_or_refused(real, kind):
    @(FOREIGN if kind == "workbook" else FUZZ)
    @given(st.integers(0, 10_000), HURTS)
    def damage(which, draw):
        content = damaged(real[kind][which % len(real[kind])], draw)
        if kind == "csv":
            read_list(content)
        else:
            (read_inside if kind == "workbook" else read_here)(kind, content)

    damage()


@pytest.mark.parametrize("content", [b"\0", b"\xff\xfea", b"a\0b\0c"])
def test_utf_16_that_ends_inside_a_sign_is_refused(content):
    """Found by the first run of this file."""
    for encoding in ("utf-16-le", "utf-16-be"):
        read_list(content, Form(encoding, ","))


def test_what_the_reader_did_not_expect_is_a_damaged_file(tmp_path):
    """The last resort: a reader that falls over is a refusal, not an error of ours."""
    (tmp_path / "x").write_bytes(b"x")
    with pytest.raises(Unreadable, match="damaged"):
        convert("no such kind", tmp_path / "x", tmp_path / "rows")


@pytest.mark.parametrize("kind", ["workbook", "vcard", "ldif"])
def test_the_process_that_reads_takes_little_memory_and_time(real, tmp_path, kind):
    """As it is started for people: with all that it loads, on the largest of the small real files."""
    path = tmp_path / "file"
    path.write_bytes(max(real[kind], key=len))
    # Its own peak: what wait4 tells of a child begins with what its parent had when it was forked.
    asked = f"{START}\nprint(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    process = subprocess.Popen([sys.executable, "-I", "-c", asked, str(ROOT), kind, str(path), str(tmp_path / "rows"), "", "utf-8"], stdout=subprocess.PIPE, text=True)  # noqa: S603
    told = process.stdout.read()
    code, used = ended(process.pid)
    process.returncode = code
    assert code == 0 and used.ru_utime + used.ru_stime < SECONDS, used
    assert int(told.split("VmHWM:")[1].split()[0]) * 1024 < PEAK, told


def hang(*_):
    while True:
        pass


def eat(*_):
    held = bytearray(PEAK + 2**20)
    held[::4096] = b"x" * len(held[::4096])
    return {"rows": len(held)}


def test_a_reader_that_hangs_is_seen(monkeypatch):
    """Negative control, in this process and in a child; nothing that refuses files swallows it."""
    monkeypatch.setitem(child.READ, "vcard", hang)
    with pytest.raises(Hangs):
        read_here("vcard", b"x")
    with pytest.raises(AssertionError, match="hangs"):
        read_inside("vcard", b"x")
    monkeypatch.setattr(spreadsheets, "read_rows", hang)
    with pytest.raises(Hangs):
        read_list(b"x")


def test_a_reader_that_takes_all_memory_is_seen(monkeypatch):
    """Negative control."""
    monkeypatch.setitem(child.READ, "vcard", eat)
    with pytest.raises(AssertionError), within_means():
        eat()
    with pytest.raises(AssertionError):
        read_inside("vcard", b"x")
