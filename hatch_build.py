"""The wheel's training_data is one archive: a thousand small files would double what an installation takes on disk."""

from __future__ import annotations

import io
import lzma
import zipfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ArchiveHook(BuildHookInterface):
    """Packs training_data while a wheel is built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the archive and have it included; an editable installation reads the folder."""
        if version == "editable":
            return
        self._archive.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(self.root, "training_data")
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            for path in sorted(p for p in folder.rglob("*") if p.is_file()):
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), (1980, 1, 1, 0, 0, 0))
                archive.writestr(entry, path.read_bytes())
        self._archive.write_bytes(lzma.compress(content.getvalue()))  # as one stream: articles are much like each other
        build_data["force_include"][str(self._archive)] = "quoteattr/training_data.zip.xz"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Remove the archive, which is in the wheel now."""
        self._archive.unlink(missing_ok=True)

    @property
    def _archive(self) -> Path:
        return Path(self.directory, "training_data.zip.xz")
