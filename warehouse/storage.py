"""Object storage: whole objects under keys below one URL, where nothing can be renamed and a write is seen at its end.

Any filesystem pyarrow knows by URL (`s3://bucket/prefix?endpoint_override=host:port&scheme=http`, `gs://`, `abfs://`,
`file://`), else any fsspec knows. What belongs together is therefore named by content and written first; the one object
that names it all comes last.
"""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pyarrow import fs

PIECE_BYTES = 8 << 20


@dataclass(frozen=True)
class Store:
    """Objects below one root."""

    filesystem: fs.FileSystem
    root: str

    def put(self, key: str, path: Path) -> None:
        """Write a local file as one object."""
        with path.open("rb") as source, self._writing(key) as target:
            while piece := source.read(PIECE_BYTES):
                target.write(piece)

    def write(self, key: str, content: bytes) -> None:
        """Write one small object that replaces what was there in one step."""
        place = key if self._replaces_whole else f"{key}.new"
        with self._writing(place) as target:
            target.write(content)
        if place != key:
            self.filesystem.move(self._path(place), self._path(key))

    def read(self, key: str) -> bytes | None:
        """The content of an object; None where there is none."""
        try:
            with self.filesystem.open_input_stream(self._path(key)) as source:
                return bytes(source.read())
        except FileNotFoundError:
            return None

    def fetch(self, key: str, path: Path) -> None:
        """Copy an object to a local file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with self.filesystem.open_input_stream(self._path(key)) as source, path.open("wb") as target:
            while piece := source.read(PIECE_BYTES):
                target.write(piece)

    def names(self, below: str = "") -> list[str]:
        """Keys of all objects below a key, in order."""
        selector = fs.FileSelector(self._path(below), recursive=True, allow_not_found=True)
        found = self.filesystem.get_file_info(selector)
        return sorted(info.path[len(self.root) + 1 :] for info in found if info.type == fs.FileType.File)

    def delete(self, key: str) -> None:
        """Delete one object."""
        self.filesystem.delete_file(self._path(key))

    @property
    def _replaces_whole(self) -> bool:
        """Whether an object appears whole and at once; in folders of a machine it grows where it stands."""
        return not isinstance(self.filesystem, fs.LocalFileSystem)

    def _path(self, key: str) -> str:
        return f"{self.root}/{key}" if key else self.root

    def _writing(self, key: str) -> pa.NativeFile:
        if not self._replaces_whole:
            self.filesystem.create_dir(self._path(key).rpartition("/")[0])
        return self.filesystem.open_output_stream(self._path(key))


def open_store(url: str) -> Store:
    """The store at a URL; raises what the filesystem raises for a URL nobody knows."""
    try:
        filesystem, root = fs.FileSystem.from_uri(url)
    except pa.ArrowInvalid:
        import fsspec  # type: ignore[import-untyped]

        found, root = fsspec.core.url_to_fs(url)
        filesystem = fs.PyFileSystem(fs.FSSpecHandler(found))
    return Store(filesystem, root.rstrip("/"))
