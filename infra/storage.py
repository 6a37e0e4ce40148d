"""Files in and out of the store: a folder today (`file://`), the same four verbs over an object store later.

A file is known by its key alone: the tenant's folder and 160 random bits. No name that a person gave ever
reaches the file system (RELIABILITY X24), and a key is only good together with the tenant it belongs to.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import BinaryIO
from urllib.parse import unquote, urlsplit
from uuid import UUID

from infra.once import made_once

CHUNK = 256 * 1024
KEY = re.compile(r"^(?P<tenant>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/(?P<shelf>[0-9a-f]{2})/(?P<name>[0-9a-f]{40})$")


class FileRefused(ValueError):
    """The store says no: `code` is too_large, empty or no_such_file."""

    def __init__(self, code: str, **params):
        super().__init__(code)
        self.code, self.params = code, params


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store took: the key to ask for it by, bytes, and their SHA-256."""

    key: str
    size: int
    sha256: str


class FolderStore:
    """A store in one folder; files are written beside their place, flushed to disk and moved there."""

    def __init__(self, root: Path):
        self.root = root

    def save(self, tenant: UUID, source: BinaryIO, *, limit: int) -> Stored:
        """Keep what `source` holds; refuses nothing at all, and more than `limit` bytes (then nothing stays)."""
        key = self.new_key(tenant)
        place = self._place(tenant, key)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = place.with_suffix(".part")
        try:
            size, digest = _copy(source, partial, limit)
            os.replace(partial, place)
        finally:
            partial.unlink(missing_ok=True)
        return Stored(key, size, digest)

    def new_key(self, tenant: UUID) -> str:
        """A key that nothing has yet."""
        name = secrets.token_hex(20)
        return f"{tenant}/{name[:2]}/{name}"

    @contextmanager
    def writing(self, tenant: UUID, key: str) -> Iterator[tuple[BinaryIO, Path]]:
        """(a file to write into, a folder for what that needs meanwhile). It lies under its key once the block has ended well;
        else nothing of it stays. What a killed process leaves goes by `remove`."""
        place = self._place(tenant, key)
        scratch, partial = place.with_suffix(".tmp"), place.with_suffix(".part")
        scratch.mkdir(parents=True, mode=0o700)
        try:
            with open(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
                yield file, scratch
                file.flush()
                os.fsync(file.fileno())
            os.replace(partial, place)
        finally:
            partial.unlink(missing_ok=True)
            rmtree(scratch, ignore_errors=True)

    def path(self, tenant: UUID, key: str) -> Path:
        """Where the file lies, for readers that seek; refuses a foreign or malformed key like a missing file."""
        place = self._place(tenant, key)
        if not place.is_file():
            raise FileRefused("no_such_file")
        return place

    def remove(self, tenant: UUID, key: str) -> None:
        """Forget a file, whole or half written; removing twice is no mistake."""
        place = self._place(tenant, key)
        for one in (place, place.with_suffix(".part")):
            one.unlink(missing_ok=True)
        rmtree(place.with_suffix(".tmp"), ignore_errors=True)

    def folder(self, tenant: UUID) -> Path:
        """Where a tenant's files lie, all of them and nobody else's."""
        return self.root / str(tenant)

    def keys(self, tenant: UUID) -> Iterator[str]:
        """Every file of a tenant: for its take-out, and for its deletion."""
        for place in sorted(self.folder(tenant).glob("*/*")):
            key = place.relative_to(self.root).as_posix()
            if KEY.fullmatch(key):
                yield key

    def _place(self, tenant: UUID, key: str) -> Path:
        found = KEY.fullmatch(key)
        if found is None or found["tenant"] != str(tenant):
            raise FileRefused("no_such_file")
        return self.root / found["tenant"] / found["shelf"] / found["name"]


def _copy(source: BinaryIO, target: Path, limit: int) -> tuple[int, str]:
    """Copy in chunks, so that memory stays bounded; size and digest of what was written."""
    size, digest = 0, hashlib.sha256()
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while chunk := source.read(CHUNK):
            size += len(chunk)
            if size > limit:
                raise FileRefused("too_large", max=limit)
            digest.update(chunk)
            file.write(chunk)
        if not size:
            raise FileRefused("empty")
        file.flush()
        os.fsync(file.fileno())  # the row that names the key must never outlive the file
    return size, digest.hexdigest()


@made_once
def storage() -> FolderStore:
    """The process's store, from the settings."""
    from infra.config import settings

    return FolderStore(Path(unquote(urlsplit(settings().storage_url).path)))
