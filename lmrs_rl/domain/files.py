"""Writing files so that a reader never meets half of one."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write_text_atomically(path: Path, text: str) -> None:
    """Write to a temporary file beside ``path``, then rename: a run killed half-way leaves the
    old file, or none.
    """
    write_bytes_atomically(path, text.encode("utf-8"))


def write_bytes_atomically(path: Path, content: bytes) -> None:
    """`write_text_atomically` for bytes."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        with temporary.open("xb") as stream:
            stream.write(content)
            stream.flush()
            # Before the rename, or the new name could stand for an empty file after a power cut.
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException as error:
        # After an interrupt too, which is no Exception.
        temporary.unlink(missing_ok=True)
        if (
            isinstance(error, OSError) and error.errno is not None
        ):  # nobody knows of the temporary file
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
