"""A key vault in a directory: one file of mode 0600 for each upload attempt.

Key file and tombstone share one name, so that a hard link (``put``: fails if the name is taken) and a rename (``entomb``: takes
its place) decide every race, between processes too.
"""

import stat
from collections.abc import Iterator
from pathlib import Path

from storage import durable
from storage.keyfile import Held, KeyFile, Tombstone, check_id, decode
from storage.vault import is_tombstone, same_or_refuse

_SUFFIX = ".json"


class DirectoryVault:
    """See :class:`storage.vault.KeyVault`. A directory that is absent is made by :meth:`create`, never by a ``put``."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @classmethod
    def create(cls, directory: Path) -> "DirectoryVault":
        """Make the directory if there is none.

        An absent directory later means a disk that is not mounted, and must not be filled in its place.
        """
        with durable.disk_errors("the vault cannot be made"):
            durable.private_directory(directory)
        return cls(directory)

    def _path(self, attempt_id: str) -> Path:
        return self.directory / f"{check_id(attempt_id)}{_SUFFIX}"

    def _read(self, attempt_id: str) -> bytes | None:
        path = self._path(attempt_id)
        with durable.disk_errors(f"the vault cannot be read for attempt {attempt_id}"):
            try:
                return path.read_bytes()
            except FileNotFoundError:
                path.parent.stat()
                return None

    def put(self, key_file: KeyFile) -> None:
        """See :class:`storage.vault.KeyVault`."""
        with durable.disk_errors(f"the vault cannot be written for attempt {key_file.attempt_id}"):
            made = durable.create(self._path(key_file.attempt_id), key_file.encode())
        if not made:
            same_or_refuse(self._read(key_file.attempt_id) or b"", key_file)

    def get(self, attempt_id: str) -> Held | None:
        """See :class:`storage.vault.KeyVault`."""
        data = self._read(attempt_id)
        return None if data is None else decode(data, attempt_id)

    def entomb(self, tombstone: Tombstone) -> None:
        """See :class:`storage.vault.KeyVault`."""
        path = self._path(tombstone.attempt_id)
        dead = is_tombstone(self._read(tombstone.attempt_id), tombstone.attempt_id)
        with durable.disk_errors(f"the vault cannot entomb attempt {tombstone.attempt_id}"):
            if not dead:
                durable.replace(path, tombstone.encode())
            durable.remove_leftovers(path)

    def list(self) -> Iterator[str]:
        """See :class:`storage.vault.KeyVault`."""
        with durable.disk_errors("the vault cannot be listed"):
            names = sorted(path.name for path in self.directory.iterdir())
        return (name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX) and not name.startswith("."))

    def open_to_others(self) -> bool:
        """Tell whether anyone but the owner can enter the directory (``doctor`` is red)."""
        with durable.disk_errors("the vault cannot be looked at"):
            return bool(stat.S_IMODE(self.directory.stat().st_mode) & 0o077)

    def device(self) -> int:
        """Return the number of the device that holds the directory: vault and mirror should differ."""
        with durable.disk_errors("the vault cannot be looked at"):
            return self.directory.stat().st_dev
