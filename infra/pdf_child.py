"""The printing process: reads {template, data} on its input, answers {error, memory} and the PDF. Imports none of ours."""

import json
import os
import struct
import sys

import typst

LENGTH = struct.Struct(">I")


def main(root: str) -> None:
    """Serve until the input ends, which it does when the parent is gone."""
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    while head := stdin.read(LENGTH.size):
        order = json.loads(stdin.read(LENGTH.unpack(head)[0]))
        body, error = compiled(root, order["template"], order["data"])
        for part in (json.dumps({"error": error, "memory": memory()}).encode(), body):
            stdout.write(LENGTH.pack(len(part)) + part)
        stdout.flush()


def compiled(root: str, template: str, data: dict) -> tuple[bytes, str]:
    """(PDF, "") or (nothing, what Typst said)."""
    fonts = os.environ.get("PRINT_FONTS", "")
    try:
        return typst.compile(
            os.path.join(root, template + ".typ"), root=root, sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            font_paths=[fonts] if os.path.isdir(fonts) else [], ignore_system_fonts=True,  # the same file on every machine
            package_path=os.path.join(root, "none"),
            package_cache_path=os.path.join(root, "none"),
        ), ""
    except typst.TypstError as error:
        return b"", str(error)[:2000]


def memory() -> int:
    """Resident bytes of this process."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main(sys.argv[1])
