"""The vault contract, on the fake, a directory, moto and SeaweedFS; the mirror; and what a crash leaves."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from storage import durable
from storage.directory_vault import DirectoryVault
from storage.embedded import SeaweedFS
from storage.errors import AlreadyHeld, Entombed, StorageRefused, StorageUnavailable, Tampered
from storage.keyfile import Held, KeyFile, Tombstone
from storage.s3 import S3Settings
from storage.s3_vault import S3Vault
from storage.vault import KeyVault, MemoryVault, Mirrored, Repair, Repaired, equalise
from tests.storage.contracts.vault import KeyVaultContract, KeyVaultRaces, a_key_file, a_tombstone

SETTINGS = S3Settings("the-vault", access_key="key", secret_key="secret")


@pytest.fixture(scope="module")
def moto_vault() -> Iterator[S3Vault]:
    """An unversioned bucket in this process."""
    with mock_aws():
        vault = S3Vault(SETTINGS)
        vault.ensure_bucket()
        vault.check_bucket()
        yield vault


class TestMemory(KeyVaultContract, KeyVaultRaces):
    """The fake keeps the contract."""

    @pytest.fixture
    def vault(self) -> KeyVault:
        """A fresh fake."""
        return MemoryVault()


class TestDirectory(KeyVaultContract, KeyVaultRaces):
    """The directory keeps the contract."""

    @pytest.fixture
    def vault(self, tmp_path: Path) -> KeyVault:
        """A fresh directory."""
        return DirectoryVault.create(tmp_path / "vault")


class TestMoto(KeyVaultContract):
    """The bucket keeps the contract on moto."""

    @pytest.fixture
    def vault(self, moto_vault: S3Vault) -> KeyVault:
        """The adapter."""
        return moto_vault


@pytest.mark.scenario
class TestSeaweedFS(KeyVaultContract, KeyVaultRaces):
    """The bucket keeps the contract on a real S3."""

    @pytest.fixture
    def vault(self, seaweedfs: SeaweedFS) -> KeyVault:
        """An unversioned bucket of the shared store."""
        vault = S3Vault(seaweedfs.settings("contract-vault"))
        vault.ensure_bucket()
        vault.check_bucket()
        return vault


class BrokenVault(MemoryVault):
    """A vault on a disk that can be pulled out."""

    broken = False

    def _check(self) -> None:
        if self.broken:
            raise StorageUnavailable("the disk is not there")

    def put(self, key_file: KeyFile) -> None:
        """See the port."""
        self._check()
        super().put(key_file)

    def get(self, attempt_id: str) -> Held | None:
        """See the port."""
        self._check()
        return super().get(attempt_id)

    def entomb(self, tombstone: Tombstone) -> None:
        """See the port."""
        self._check()
        super().entomb(tombstone)


@pytest.fixture
def directory(tmp_path: Path) -> DirectoryVault:
    """A vault in a directory."""
    return DirectoryVault.create(tmp_path / "vault")


def test_only_the_owner_reads(directory: DirectoryVault) -> None:
    """The directory is 0700, each file 0600, whatever the umask."""
    old = os.umask(0)
    try:
        directory.put(a_key_file("att_1"))
        directory.entomb(a_tombstone("att_2"))
    finally:
        os.umask(old)
    assert not directory.open_to_others()
    assert {path.stat().st_mode & 0o777 for path in directory.directory.iterdir()} == {0o600}


def test_a_directory_open_to_others_is_said(directory: DirectoryVault) -> None:
    """``doctor`` can tell when others may enter."""
    directory.directory.chmod(0o750)
    assert directory.open_to_others()


def test_a_disk_that_is_not_mounted_is_not_filled(directory: DirectoryVault, tmp_path: Path) -> None:
    """When the vault's directory is gone, every verb waits; none answers "nothing held" or makes a new directory."""
    directory.directory.rename(tmp_path / "elsewhere")
    acts: list[Callable[[], object]] = [
        lambda: directory.get("att_1"),
        lambda: directory.put(a_key_file("att_1")),
        lambda: directory.entomb(a_tombstone("att_1")),
        directory.list,
    ]
    for act in acts:
        with pytest.raises(StorageUnavailable):
            act()
    assert not directory.directory.exists()


def test_what_a_killed_put_left_is_not_a_key(directory: DirectoryVault) -> None:
    """A temporary file, whole or half written, is neither listed nor read, and does not stand in the way."""
    (directory.directory / f"{durable.TEMPORARY}att_1.json.0123").write_bytes(b"{")
    assert directory.get("att_1") is None
    assert list(directory.list()) == []
    directory.put(a_key_file("att_1"))
    assert directory.get("att_1") == a_key_file("att_1")


def test_entombing_removes_what_a_killed_put_left(directory: DirectoryVault) -> None:
    """A put killed between its link and its unlink leaves a second name of the key: the tombstone takes that too, and only that."""
    directory.put(a_key_file("att_1"))
    directory.put(a_key_file("att_10"))
    for attempt_id in ("att_1", "att_10"):
        os.link(directory.directory / f"{attempt_id}.json", directory.directory / f"{durable.TEMPORARY}{attempt_id}.json.ab")
    directory.entomb(a_tombstone("att_1"))
    assert sorted(path.name for path in directory.directory.iterdir()) == [
        f"{durable.TEMPORARY}att_10.json.ab",
        "att_1.json",
        "att_10.json",
    ]
    (directory.directory / f"{durable.TEMPORARY}att_1.json.cd").write_bytes(b"late")
    directory.entomb(a_tombstone("att_1"))
    assert not list(directory.directory.glob(f"{durable.TEMPORARY}att_1.*"))


@pytest.mark.parametrize("damage", [b"", b"{}", b"\x00" * 200, a_key_file("att_2").encode(), a_key_file("att_1").encode() + b"\n"])
def test_a_damaged_file_is_told_and_can_be_entombed(directory: DirectoryVault, damage: bytes) -> None:
    """What is not the attempt's own key file is never an answer, nor "nothing"; destroying it still works."""
    (directory.directory / "att_1.json").write_bytes(damage)
    with pytest.raises(Tampered):
        directory.get("att_1")
    with pytest.raises(StorageRefused):
        directory.put(a_key_file("att_1"))
    directory.entomb(a_tombstone("att_1"))
    assert directory.get("att_1") == a_tombstone("att_1")


def test_the_mirror_holds_what_the_vault_holds() -> None:
    """A put reaches both; an entombing too."""
    both = Mirrored(MemoryVault(), MemoryVault())
    both.put(a_key_file("att_1"))
    assert both.get_both("att_1") == (a_key_file("att_1"), a_key_file("att_1"))
    both.entomb(a_tombstone("att_1"))
    assert both.get_both("att_1") == (a_tombstone("att_1"), a_tombstone("att_1"))
    assert list(both.list()) == ["att_1"]


def test_a_mirror_that_is_away_stops_the_put_and_a_retry_completes_it() -> None:
    """Intake waits for the mirror, and the same put again finishes what was half done."""
    mirror = BrokenVault()
    both = Mirrored(MemoryVault(), mirror)
    mirror.broken = True
    with pytest.raises(StorageUnavailable):
        both.put(a_key_file("att_1"))
    mirror.broken = False
    both.put(a_key_file("att_1"))
    assert both.get_both("att_1") == (a_key_file("att_1"), a_key_file("att_1"))


@pytest.mark.parametrize("which", [0, 1])
def test_an_entombing_that_reaches_one_is_not_proved(which: int) -> None:
    """Whichever is away, the other is entombed all the same, and the caller is told that it is not finished."""
    vaults = (BrokenVault(), BrokenVault())
    both = Mirrored(*vaults)
    both.put(a_key_file("att_1"))
    vaults[which].broken = True
    with pytest.raises(StorageUnavailable):
        both.entomb(a_tombstone("att_1"))
    assert vaults[1 - which].get("att_1") == a_tombstone("att_1")
    vaults[which].broken = False
    assert both.get("att_1") == a_tombstone("att_1")


def test_a_vault_that_changes_what_it_is_given_is_found() -> None:
    """Both are read back: a disk that keeps something else is found at once."""

    class Forgetful(MemoryVault):
        def put(self, key_file: KeyFile) -> None:
            super().put(replace(key_file, sealed_key=b"other"))

    for both in (Mirrored(Forgetful(), MemoryVault()), Mirrored(MemoryVault(), Forgetful())):
        with pytest.raises(Tampered):
            both.put(a_key_file("att_1"))


def test_the_mirror_answers_for_a_lost_vault() -> None:
    """Losing the vault's disk loses no key."""
    both = Mirrored(MemoryVault(), MemoryVault())
    both.put(a_key_file("att_1"))
    assert isinstance(both.vault, MemoryVault)
    both.vault.files.clear()
    assert both.get("att_1") == a_key_file("att_1")


def test_equalise_lets_a_tombstone_win_and_copies_keys() -> None:
    """Every difference is settled, reported, and settled for good."""
    vault, mirror = MemoryVault(), MemoryVault()
    for one, other, names in ((vault, mirror, "abc"), (mirror, vault, "def")):
        one.put(a_key_file(f"att_key_{names[0]}"))
        one.entomb(a_tombstone(f"att_dead_{names[1]}"))
        one.put(a_key_file(f"att_both_{names[2]}"))
        other.entomb(a_tombstone(f"att_both_{names[2]}"))
    mirror.put(a_key_file("att_same"))
    vault.put(a_key_file("att_same"))
    assert equalise(vault, mirror) == (
        Repaired("att_both_c", Repair.TOMBSTONE_TO_VAULT),
        Repaired("att_both_f", Repair.TOMBSTONE_TO_MIRROR),
        Repaired("att_dead_b", Repair.TOMBSTONE_TO_MIRROR),
        Repaired("att_dead_e", Repair.TOMBSTONE_TO_VAULT),
        Repaired("att_key_a", Repair.KEY_TO_MIRROR),
        Repaired("att_key_d", Repair.KEY_TO_VAULT),
    )
    assert vault.files == mirror.files
    assert equalise(vault, mirror) == ()


def test_equalise_leaves_to_a_person_what_it_cannot_decide() -> None:
    """Two different keys, or a file that cannot be read, are reported and left; a tombstone wins over them too."""
    vault, mirror = MemoryVault(), MemoryVault()
    vault.put(a_key_file("att_1", b"one"))
    mirror.put(a_key_file("att_1", b"two"))
    vault.files |= {"att_2": b"damaged", "att_3": b"damaged"}
    mirror.put(a_key_file("att_2"))
    mirror.entomb(a_tombstone("att_3"))
    mirror.files["att_4"] = b"damaged"
    vault.put(a_key_file("att_4"))
    assert equalise(vault, mirror) == (
        Repaired("att_1", Repair.DIFFERENT_KEYS),
        Repaired("att_2", Repair.UNREADABLE_IN_VAULT),
        Repaired("att_3", Repair.TOMBSTONE_TO_VAULT),
        Repaired("att_4", Repair.UNREADABLE_IN_MIRROR),
    )
    assert vault.get("att_3") == a_tombstone("att_3")


@pytest.mark.parametrize("status", ["Enabled", "Suspended"])
def test_a_bucket_that_keeps_versions_is_no_vault(status: str) -> None:
    """A replaced key would survive as an older version, also where versions are only suspended."""
    with mock_aws():
        raw = boto3.client("s3", region_name="us-east-1", aws_access_key_id="key", aws_secret_access_key="secret")
        raw.create_bucket(Bucket="versioned")
        raw.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": status})  # type: ignore[typeddict-item]  # either literal
        with pytest.raises(StorageRefused, match="versions"):
            S3Vault(replace(SETTINGS, bucket="versioned")).check_bucket()
        waited_for = S3Vault(replace(SETTINGS, bucket="versioned"), check_first=True)
        with pytest.raises(StorageRefused, match="versions"):
            waited_for.put(a_key_file("att_1"))
        assert waited_for.get("att_1") is None


@mock_aws
def test_a_missing_bucket_is_not_an_empty_vault() -> None:
    """A wrong bucket name must not read as "no key held"."""
    vault = S3Vault(replace(SETTINGS, bucket="no-such-bucket"))
    with pytest.raises(StorageRefused):
        vault.get("att_1")


def test_put_refuses_with_the_right_reason() -> None:
    """A held key and a destroyed one are told apart, so that intake knows what to do."""
    vault = MemoryVault()
    vault.put(a_key_file("att_1"))
    with pytest.raises(AlreadyHeld):
        vault.put(a_key_file("att_1", b"other"))
    vault.entomb(a_tombstone("att_1"))
    with pytest.raises(Entombed):
        vault.put(a_key_file("att_1", b"other"))
