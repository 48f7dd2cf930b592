"""gzip and Zstandard: opened for reading by the file's suffix, written a block at a time.

A block is compressed on its own, so that a file can be cut off after any of them and written on. Readers take the
concatenation as one.
"""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import IO, Any, cast

from quoteattr.errors import CorpusError


def reader(file: IO[bytes], name: str) -> IO[bytes]:
    """What `file` holds, decompressed if its name ends in .gz or .zst."""
    suffix = Path(name).suffix
    if suffix == ".gz":
        return cast(IO[bytes], gzip.GzipFile(fileobj=file))
    if suffix == ".zst":
        return cast(IO[bytes], zstandard().ZstdFile(file))
    return file


def compress(data: bytes, name: str) -> bytes:
    """`data` as a file of that name holds it."""
    suffix = Path(name).suffix
    if suffix == ".gz":
        return gzip.compress(data, compresslevel=6, mtime=0)
    if suffix == ".zst":
        return cast(bytes, zstandard().compress(data))
    return data


def damages() -> tuple[type[Exception], ...]:
    """What reading a damaged or cut-off file raises."""
    known: tuple[type[Exception], ...] = (OSError, EOFError, zlib.error)
    try:
        return (*known, zstandard().ZstdError)
    except CorpusError:
        return known


def cut_off(error: Exception) -> str:
    """What to say of a file that can't be read from some place on."""
    return f"cannot be read from here on: {getattr(error, 'strerror', None) or error}"


def zstandard() -> Any:
    """The module that reads and writes .zst.

    Raises
    ------
    CorpusError
        If it is not installed.
    """
    try:
        from compression import zstd  # Python 3.14
    except ImportError:
        try:
            from backports import zstd
        except ImportError as error:
            raise CorpusError(".zst files need one more package: pip install 'quoteattr[zstd]'") from error
    return zstd
