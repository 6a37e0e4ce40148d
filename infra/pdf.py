"""PDF by Typst: a template's name and plain data in, a PDF out.

Typst runs in one child process of ours, so that a crash or a swollen cache costs no page: it is started on first use
and recycled after 200 documents or 400 MB. Data travel as one JSON string, which templates only ever show as text;
the root is infra/print/, packages have nowhere to come from.
"""

import json
import os
import select
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from infra import fonts
from infra.config import settings

PRINT = Path(__file__).parent / "print"
DOCUMENTS, BYTES, SECONDS = 200, 400 * 1024 * 1024, 30.0
LENGTH = struct.Struct(">I")


class PdfFailed(RuntimeError):
    """The template and the data do not go together, or Typst did not answer in time."""


class FontsMissing(PdfFailed):
    """The text has Chinese, Japanese or Korean in it and the fonts for that were not brought yet (infra.fonts)."""


def render(template: str, data: dict[str, Any], *, standard: str = "") -> bytes:
    """The PDF of infra/print/<template>.typ with `data` (JSON values). standard: "ua-1" for a document that everybody can read (PDF/UA), kept
    unless a text has signs in it that no font knows. Raises PdfFailed, FontsMissing; KeyError for no such template."""
    _check(template, data)
    return _press.render(template, data, standard=standard)


def pictures(template: str, data: dict[str, Any], *, ppi: int = 90) -> list[bytes]:
    """The pages of the same document as PNG, in order."""
    _check(template, data)
    found, at = _press.render(template, data, ppi=ppi), 0
    pages = []
    while at < len(found):
        (length,) = LENGTH.unpack(found[at : at + LENGTH.size])
        pages.append(found[at + LENGTH.size : at + LENGTH.size + length])
        at += LENGTH.size + length
    return pages


def _check(template: str, data: dict[str, Any]) -> None:
    if template not in templates():
        raise KeyError(template)
    if fonts.needed(data) and not fonts.present(settings().fonts_dir):
        raise FontsMissing("the print fonts for Chinese and Korean are not here yet: bin/tendero fonts brings them")


def templates() -> frozenset[str]:
    return frozenset(path.stem for path in PRINT.glob("*.typ"))


class Press:
    """The child process; one document at a time."""

    def __init__(self):
        self._lock = threading.Lock()
        self._child: subprocess.Popen | None = None
        self._owner = self._printed = self._memory = 0

    def render(self, template: str, data: dict[str, Any], *, standard: str = "", ppi: int = 0) -> bytes:
        """ppi: pages as PNG instead, each behind its length."""
        with self._lock:
            child = self._ready()
            try:
                self._send(child, json.dumps({"template": template, "data": data, "standard": standard, "ppi": ppi}, ensure_ascii=False).encode())
                head = json.loads(self._receive(child))
                body = self._receive(child)
            except (OSError, EOFError, ValueError) as error:
                self.stop()
                raise PdfFailed(f"{template}: the printing process died: {error}") from error
            self._printed, self._memory = self._printed + 1, head["memory"]
        if head["error"]:
            raise PdfFailed(f"{template}: {head['error']}")
        return body

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    def _ready(self) -> subprocess.Popen:
        """The child of this very process: after a fork the parent's is not ours to talk to."""
        if self._owner != os.getpid():
            self._child = None
        if self._child and (self._child.poll() is not None or self._printed >= DOCUMENTS or self._memory >= BYTES):
            self.stop()
        if self._child is None:
            self._child, self._owner, self._printed, self._memory = self._start(), os.getpid(), 0, 0
        return self._child

    def _start(self) -> subprocess.Popen:
        # No secrets in its environment, and proxies that lead nowhere: nothing is fetched, whatever a template says.
        nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9")
        environ = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "PRINT_FONTS": str(settings().fonts_dir), **nowhere}
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", str(Path(__file__).parent / "pdf_child.py"), str(PRINT)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, env=environ, close_fds=True, start_new_session=True,
        )

    def stop(self) -> None:
        """End the child; the next document starts a new one."""
        child, self._child = self._child, None
        if child is not None and self._owner == os.getpid():
            child.kill()
            child.wait()
            child.stdin.close()
            child.stdout.close()

    @staticmethod
    def _send(child: subprocess.Popen, message: bytes) -> None:
        child.stdin.write(LENGTH.pack(len(message)) + message)
        child.stdin.flush()

    def _receive(self, child: subprocess.Popen) -> bytes:
        (length,) = LENGTH.unpack(self._read(child, LENGTH.size))
        return self._read(child, length)

    @staticmethod
    def _read(child: subprocess.Popen, wanted: int) -> bytes:
        """Exactly so many bytes; a child that says nothing for 30 s counts as dead."""
        found = bytearray()
        while len(found) < wanted:
            if not select.select([child.stdout], [], [], SECONDS)[0]:
                raise EOFError("no answer in time")
            part = os.read(child.stdout.fileno(), wanted - len(found))
            if not part:
                raise EOFError("closed")
            found += part
        return bytes(found)


_press = Press()
