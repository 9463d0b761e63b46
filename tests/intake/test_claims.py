"""Step 1: one worker at a time has a file, and a dead one's lease is nobody's."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from intake import claims
from intake.claims import Claim, Sighting, Standing
from intake.errors import NotOursError
from intake.shares import Identity, Place
from registry import owners
from registry.database import Database
from registry.tables import Deposit, DepositState, Door
from tests.factories import NOW

LEASE = timedelta(minutes=3)
SEEN = Sighting(Place((b"S", b"C"), b"a.mp3"), Identity(1, 2, 3, 4, 5), NOW)
OTHER = replace(SEEN, identity=Identity(1, 9, 9, 9, 9))


def _claim(database: Database, seen: Sighting = SEEN, owner: str = "one", after: timedelta = timedelta()) -> tuple[Standing, Claim | None]:
    return claims.claim(database, seen, owner=owner, now=NOW + after, lease=LEASE)


def _taken(database: Database, seen: Sighting = SEEN, owner: str = "one") -> Claim:
    standing, taken = _claim(database, seen, owner)
    assert standing is Standing.OURS
    assert taken is not None
    return taken


def _settle(database: Database, taken: Claim, state: DepositState, code: str | None = None) -> None:
    with database.bookkeeping() as session:
        claims.settle(claims.ours(session, taken), state, code)


def _row(database: Database, taken: Claim) -> Deposit:
    with database.reading() as session:
        return session.get_one(Deposit, taken.deposit_id)


def test_one_has_it_and_the_other_waits(registry: Database) -> None:
    """While the lease stands nobody else has the file; once it ran out, the next one does, and the first has lost."""
    first = _taken(registry)
    assert _claim(registry, owner="two", after=LEASE - timedelta(seconds=1)) == (Standing.BUSY, None)
    standing, second = _claim(registry, owner="two", after=LEASE)
    assert standing is Standing.OURS
    assert second is not None
    assert second.deposit_id == first.deposit_id
    with pytest.raises(NotOursError):
        claims.renew(registry, first, NOW + LEASE)
    with pytest.raises(NotOursError):
        claims.release(registry, first)
    claims.renew(registry, second, NOW + 3 * LEASE)
    assert _claim(registry, owner="one", after=2 * LEASE)[0] is Standing.BUSY


def test_a_dead_owners_lease_need_not_run_out(registry: Database) -> None:
    """A process of this machine that has ended holds nothing; one of another machine holds until its lease ends."""
    machine, boot, pid, started = owners.this_process().split("/")
    _taken(registry, owner=f"{machine}/{boot}/{pid}/{int(started) + 1}")
    assert _claim(registry)[0] is Standing.OURS
    _taken(registry, seen=replace(SEEN, door=Door.PORTAL), owner=f"elsewhere/{boot}/{pid}/{started}")
    assert _claim(registry, seen=replace(SEEN, door=Door.PORTAL))[0] is Standing.BUSY


def test_many_at_once_and_one_has_it(registry: Database) -> None:
    """Of several that see a new file at the same moment, exactly one treats it."""
    found: list[Standing] = []
    gate = threading.Barrier(5)

    def go(number: int) -> None:
        gate.wait()
        found.append(_claim(registry, owner=f"worker-{number}")[0])

    threads = [threading.Thread(target=go, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted([Standing.OURS, *([Standing.BUSY] * 4)])


@pytest.mark.parametrize("state", [DepositState.LEFT, DepositState.DONE])
def test_what_is_settled_is_taken_again_only_when_it_changed(registry: Database, state: DepositState) -> None:
    """The same file is settled; another in its place is a new deposit: of the old one only the last answer is known."""
    taken = _taken(registry)
    with registry.bookkeeping() as session:
        claims.ours(session, taken).sha256 = "0" * 64
    _settle(registry, taken, state, "LINK")
    assert _claim(registry) == (Standing.SETTLED, None)
    assert _claim(registry, OTHER)[0] is Standing.OURS
    row = _row(registry, taken)
    assert (row.code, row.sha256, row.recording_id, row.identity) == ("LINK", None, None, OTHER.identity.text())


def test_what_is_stored_is_finished_first(registry: Database) -> None:
    """A stored deposit is never claimed anew, not even when another file lies there meanwhile."""
    taken = _taken(registry)
    _settle(registry, taken, DepositState.STORED)
    for seen in (SEEN, OTHER):
        standing, found = _claim(registry, seen)
        assert standing is Standing.UNFINISHED
        assert found is not None
        assert found.deposit_id == taken.deposit_id


def test_an_original_that_was_not_found_and_is_there_again(registry: Database) -> None:
    """A share that was away for a moment shows the file again: step 9 is done again, and the deposit keeps what it was."""
    taken = _taken(registry)
    with registry.bookkeeping() as session:
        claims.ours(session, taken).sha256 = "0" * 64
    _settle(registry, taken, DepositState.DONE, claims.LOST)
    assert _claim(registry)[0] is Standing.UNFINISHED
    row = _row(registry, taken)
    assert (row.state, row.sha256) == (DepositState.STORED, "0" * 64)


def test_what_was_given_back_waits_for_its_moment(registry: Database) -> None:
    """Failures are counted until one succeeds; before its moment nobody has it; a file that changed need not wait."""
    claims.release(registry, _taken(registry), not_before=NOW + LEASE, failed=True)
    assert _claim(registry) == (Standing.BUSY, None)
    standing, taken = _claim(registry, after=LEASE)
    assert standing is Standing.OURS
    assert taken is not None
    claims.release(registry, taken, not_before=NOW + 9 * LEASE, failed=True)
    assert _row(registry, taken).failures == 2
    assert _claim(registry, OTHER)[0] is Standing.OURS
    assert _row(registry, taken).failures == 0


def test_our_own_files_are_known(registry: Database) -> None:
    """A file that we wrote is settled before anybody sees it, and never takes a claimed or stored deposit's place."""
    with registry.bookkeeping() as session:
        claims.know(session, SEEN.place, SEEN.identity, NOW)
        claims.know(session, SEEN.place, SEEN.identity, NOW)
    assert _claim(registry) == (Standing.SETTLED, None)
    with registry.reading() as session:
        assert claims.settled(session) == {SEEN.place: SEEN.identity.text()}
    taken = _taken(registry, OTHER)
    with registry.bookkeeping() as session:
        claims.know(session, SEEN.place, SEEN.identity, NOW)
    assert _row(registry, taken).state is DepositState.CLAIMED


def test_doors_and_places_are_told_apart(registry: Database) -> None:
    """The same name by another door is another deposit; places are kept as bytes and named by their hash."""
    strange = replace(SEEN, place=Place((b"S", b"C"), b"\xff\xe9 nom.mp3"))
    keys = {SEEN.key, replace(SEEN, door=Door.DEPOSIT).key, strange.key}
    assert len(keys) == 3
    assert not any("nom" in key for key in keys)
    assert _row(registry, _taken(registry, strange)).place == b"S/C/\xff\xe9 nom.mp3"


def test_owners_tell_the_living_from_the_dead() -> None:
    """This process lives; one that has ended does not, also before its parent buries it; what is not an owner is never dead."""
    mine = owners.this_process()
    machine, boot, pid, _ = mine.split("/")
    assert not owners.is_dead(mine)
    assert owners.is_dead(f"{machine}/another-boot/{pid}/1")
    assert owners.is_dead(f"{machine}/{boot}/4194305/1")
    for strange in ("", "one", "a/b/c", f"{machine}/{boot}/x/1", f"elsewhere/{boot}/4194305/1"):
        assert not owners.is_dead(strange)
    assert Path("/proc/self").exists()
