"""Where bytes live: a folder now, any object store by URL later. Keys are ours, never a person's."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

import obstore
from obstore.exceptions import GenericError
from obstore.store import LocalStore, ObjectStore, from_url

_OS_ERROR: Final = re.compile(r"\(os error (\d+)\)")


class Blobs:
    """Bytes by key. What `put` has returned from is on the disk."""

    def __init__(self, store: ObjectStore, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    @classmethod
    def folder(cls, folder: Path) -> Blobs:
        """Bytes in files under `folder`, made if it is not there."""
        return cls(LocalStore(prefix=folder, mkdir=True), folder)

    @classmethod
    def at(cls, url: str) -> Blobs:
        """Bytes in the object store at `url` (`s3://…`), which has its own promise of durability."""
        return cls(from_url(url))

    def put(self, key: str, data: bytes) -> None:
        """Keep `data` under `key`; what stood there is replaced in one step. OSError where there is no room."""
        try:
            obstore.put(self._store, key, data)
        except GenericError as error:
            # The store says it in words only.
            said = _OS_ERROR.search(str(error))
            raise (OSError(int(said[1]), os.strerror(int(said[1]))) if said else error) from error
        if self._folder is not None:
            _to_disk(self._folder / key)

    def get(self, key: str) -> bytes | None:
        """The bytes under `key`, None if there are none."""
        try:
            return bytes(obstore.get(self._store, key).bytes())
        except FileNotFoundError:
            return None

    def has(self, key: str) -> bool:
        try:
            obstore.head(self._store, key)
        except FileNotFoundError:
            return False
        return True

    def delete(self, key: str) -> None:
        """Forget the bytes under `key`; no error if there are none."""
        try:
            obstore.delete(self._store, key)
        except FileNotFoundError:
            return


def _to_disk(path: Path) -> None:
    """The file and the name of it: a confirmed picture may be the only one left (P2)."""
    for each in (path, path.parent):
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
