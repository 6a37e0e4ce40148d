"""The printing process: reads {template, data, standard, ppi} on its input, answers {error, memory} and the PDF, or pages as PNG. Imports none of ours."""

import json
import os
import struct
import sys

import typst

LENGTH = struct.Struct(">I")


def main(root: str) -> None:
    """Serve until the input ends, which it does when the parent is gone."""
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    press = Press(root)
    while head := stdin.read(LENGTH.size):
        order = json.loads(stdin.read(LENGTH.unpack(head)[0]))
        body, error = press.compiled(order)
        for part in (json.dumps({"error": error, "memory": memory()}).encode(), body):
            stdout.write(LENGTH.pack(len(part)) + part)
        stdout.flush()


class Press:
    """Typst with its fonts, kept from document to document; the fonts are looked for anew where their folder has changed."""

    def __init__(self, root: str):
        self.root, self.fonts, self.seen, self.compiler = root, os.environ.get("PRINT_FONTS", ""), -1.0, None

    def compiled(self, order: dict) -> tuple[bytes, str]:
        """(PDF or pages, "") or (nothing, what Typst said)."""
        try:
            if order.get("ppi"):
                pages = self._compile(order, format="png", ppi=order["ppi"])
                return b"".join(LENGTH.pack(len(page)) + page for page in (pages if isinstance(pages, list) else [pages])), ""
            if order.get("standard"):
                try:
                    return self._compile(order, pdf_standards=[order["standard"]]), ""
                except typst.TypstError:
                    pass  # a sign that no font knows: printed as a box, in a document that is still tagged
            return self._compile(order), ""
        except typst.TypstError as error:
            return b"", str(error)[:2000]

    def _compile(self, order: dict, **form: object):
        data = json.dumps(order["data"], ensure_ascii=False)
        return self._ready().compile(os.path.join(self.root, order["template"] + ".typ"), sys_inputs={"data": data}, **form)

    def _ready(self) -> typst.Compiler:
        stands = os.stat(self.fonts).st_mtime if os.path.isdir(self.fonts) else 0.0
        if self.compiler is None or stands != self.seen:
            self.seen = stands
            self.compiler = typst.Compiler(
                root=self.root, font_paths=[self.fonts] if stands else [], ignore_system_fonts=True,  # the same file on every machine
                package_path=os.path.join(self.root, "none"), package_cache_path=os.path.join(self.root, "none"),
            )
        return self.compiler


def memory() -> int:
    """Resident bytes of this process."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main(sys.argv[1])
