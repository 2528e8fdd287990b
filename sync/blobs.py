"""Where bytes live: a folder, or any object store by URL. Keys are ours, never a person's.

Nothing is held whole in memory: files go in and streams come out, in pieces.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import parse_qsl, urlsplit

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, S3Store, from_url

if TYPE_CHECKING:
    from obstore.store import S3Config

_PART: Final = 5 * 1024 * 1024
"""The smallest part that S3 takes; at most two of them are in memory for each transfer."""
_PIECE: Final = 64 * 1024
_OPTIONS: Final = frozenset({"endpoint", "region", "virtual_hosted_style_request"})


class StoreDownError(Exception):
    """The store does not answer, or not in time. Nothing is lost: whoever asked asks again later."""


class Blobs:
    """Bytes by key. What `put` has returned from is on the disk, or promised by the store."""

    def __init__(self, store: ObjectStore, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    @classmethod
    def folder(cls, folder: Path) -> Blobs:
        """Bytes in files under `folder`, made if it is not there."""
        return cls(LocalStore(prefix=folder, mkdir=True), folder)

    @classmethod
    def at(cls, url: str) -> Blobs:
        """Bytes in the object store at `url`: `s3://bucket/prefix?endpoint=https://…&region=…`.

        Credentials come from where the store's own programs look for them (AWS_ACCESS_KEY_ID …), never from the URL.
        ValueError if the URL says something that is not understood.
        """
        plain, _, query = url.partition("?")
        options: dict[str, Any] = dict(parse_qsl(query, strict_parsing=True)) if query else {}
        if unknown := options.keys() - _OPTIONS:
            raise ValueError(f"the address of the store has unknown options: {', '.join(sorted(unknown))}")
        if urlsplit(plain).scheme == "file":
            return cls.folder(Path(urlsplit(plain).path))
        if urlsplit(plain).scheme != "s3":
            return cls(from_url(url))
        plain_http = str(options.get("endpoint", "")).startswith("http://")
        store = S3Store.from_url(
            plain,
            config=cast("S3Config", options),
            client_options={"allow_http": plain_http, "timeout": timedelta(seconds=30)},
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
        )
        return cls(store)

    @property
    def is_folder(self) -> bool:
        """Is it this machine's own disk?"""
        return self._folder is not None

    def put(self, key: str, data: bytes | Path) -> None:
        """Keep `data`, bytes or the content of a file, under `key`; what stood there is replaced in one step."""
        try:
            obstore.put(self._store, key, data, chunk_size=_PART, max_concurrency=1)
        except (BaseError, OSError) as error:
            raise StoreDownError(_said(error)) from error
        if self._folder is not None:
            _to_disk(self._folder / key)

    def get(self, key: str) -> bytes | None:
        """The bytes under `key`, None if there are none. For small things; the large are streamed."""
        found = self.stream(key)
        return None if found is None else b"".join(found)

    def stream(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes] | None:
        """The bytes from `start` to before `stop` in pieces; None if nothing is there. It is asked before this
        returns, so that whoever answers knows whether there is anything to answer with."""
        try:
            return _pieces(self._open(key, start, stop))
        except NotFoundError:
            return None
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise StoreDownError(_said(error)) from error

    def _open(self, key: str, start: int, stop: int | None) -> Iterator[Any]:
        if start == 0 and stop is None:
            return iter(obstore.get(self._store, key).stream(min_chunk_size=_PIECE))
        wanted: Any = {"offset": start} if stop is None else (start, stop)
        try:
            return iter(obstore.get(self._store, key, options={"range": wanted}).stream(min_chunk_size=_PIECE))
        except BaseError as error:
            if "NotPartial" not in str(error):
                raise
        # Some stores answer a part as if it were the whole: then the whole is asked for, and its beginning let go.
        return _part_of(iter(obstore.get(self._store, key).stream(min_chunk_size=_PIECE)), start, stop)

    def fetch(self, key: str, into: Path) -> bool:
        """Write the bytes under `key` into a file; False if there are none."""
        found = self.stream(key)
        if found is None:
            return False
        with into.open("wb") as file:
            file.writelines(found)
        return True

    def has(self, key: str) -> bool:
        try:
            obstore.head(self._store, key)
        except FileNotFoundError:
            return False
        except BaseError as error:
            raise StoreDownError(_said(error)) from error
        return True

    def names(self, prefix: str) -> list[str]:
        """Every key that begins with `prefix`, a folder."""
        try:
            return sorted(str(each["path"]) for page in obstore.list(self._store, prefix) for each in page)
        except (BaseError, OSError) as error:
            raise StoreDownError(_said(error)) from error

    def delete(self, key: str) -> None:
        """Forget the bytes under `key`, and what a crash left of an unfinished `put`; no error if there are none."""
        try:
            obstore.delete(self._store, key)
        except FileNotFoundError:
            pass
        except (BaseError, OSError) as error:
            raise StoreDownError(_said(error)) from error
        if self._folder is not None:
            path = self._folder / key
            for staged in path.parent.glob(f"{path.name}#*"):
                staged.unlink(missing_ok=True)


def _pieces(stream: Iterator[Any]) -> Iterator[bytes]:
    try:
        for piece in stream:
            yield bytes(piece)
    except (BaseError, OSError) as error:
        raise StoreDownError(_said(error)) from error


def _part_of(stream: Iterator[Any], start: int, stop: int | None) -> Iterator[bytes]:
    at = 0
    for piece in stream:
        data = bytes(piece)
        kept = data[max(start - at, 0) : None if stop is None else max(stop - at, 0)]
        at += len(data)
        if kept:
            yield kept
        if stop is not None and at >= stop:
            return


def _said(error: BaseException) -> str:
    """The first line of what the store says: the rest tells of addresses."""
    return str(error).partition("\n")[0][:200]


def _to_disk(path: Path) -> None:
    """The file and the name of it: a confirmed picture may be the only one left (P2)."""
    for each in (path, path.parent):
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
