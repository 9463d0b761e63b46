"""The Merkle tree, against the RFC's own vectors and against the RFC's definitions written out slowly."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal import tree
from journal.errors import JournalRefusedError
from tests.journal.making import MemoryNodes, slow_path, slow_proof, slow_root

# The leaves, roots and paths that implementations of RFC 6962 have shared since the first (Certificate Transparency's own tests).
LEAVES = [
    bytes.fromhex(leaf) for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAF_1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
LEAF_4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
NODE_2_3 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
NODE_4_5 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
NODE_6_7 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
NODE_4_7 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
PATHS = [
    (0, 1, []),
    (0, 8, [LEAF_1, NODE_2_3, NODE_4_7]),
    (5, 8, [LEAF_4, NODE_6_7, ROOTS[4]]),
    (2, 3, [ROOTS[2]]),
    (1, 5, [ROOTS[1], NODE_2_3, LEAF_4]),
]
PROOFS = [
    (1, 1, []),
    (1, 8, [LEAF_1, NODE_2_3, NODE_4_7]),
    (6, 8, [NODE_4_5, NODE_6_7, ROOTS[4]]),
    (2, 5, [NODE_2_3, LEAF_4]),
]


def grown(leaves: list[bytes]) -> MemoryNodes:
    """Grow a tree leaf by leaf."""
    store = MemoryNodes()
    for size, leaf in enumerate(leaves):
        store.hashes.update(tree.extend(store, size, [tree.leaf_hash(leaf)]))
    return store


def numbered(size: int) -> list[bytes]:
    """Make that many different leaves."""
    return [b"leaf %d" % number for number in range(size)]


STORE_100 = grown(numbered(100))


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_known_ones(size: int) -> None:
    """Each prefix of the shared leaves has the shared root."""
    assert tree.root(grown(LEAVES), size).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "path"), PATHS)
def test_inclusion_proofs_are_the_known_ones(index: int, size: int, path: list[str]) -> None:
    """The shared paths come out, and verify."""
    proof = tree.inclusion_proof(grown(LEAVES), index, size)
    assert [node.hex() for node in proof] == path
    assert tree.verify_inclusion(tree.leaf_hash(LEAVES[index]), index, size, proof, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "new", "path"), PROOFS)
def test_consistency_proofs_are_the_known_ones(old: int, new: int, path: list[str]) -> None:
    """The shared proofs come out, and verify."""
    proof = tree.consistency_proof(grown(LEAVES), old, new)
    assert [node.hex() for node in proof] == path
    assert tree.verify_consistency(old, new, bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new]), proof)


@given(st.integers(0, 100))
def test_roots_are_the_definitions(size: int) -> None:
    """The root folded from stored nodes is the one that the definition gives."""
    assert tree.root(STORE_100, size) == slow_root(numbered(size))


@given(st.data())
def test_inclusion_proofs_are_the_definitions(data: st.DataObject) -> None:
    """Every path is the one that the definition gives, and verifies only where it belongs."""
    size = data.draw(st.integers(1, 100))
    index = data.draw(st.integers(0, size - 1))
    leaves = numbered(size)
    proof = tree.inclusion_proof(STORE_100, index, size)
    assert list(proof) == slow_path(index, leaves)
    leaf, top = tree.leaf_hash(leaves[index]), slow_root(leaves)
    assert tree.verify_inclusion(leaf, index, size, proof, top)
    elsewhere = data.draw(st.integers(0, size).filter(lambda other: other != index))
    assert not tree.verify_inclusion(leaf, elsewhere, size, proof, top)
    assert not tree.verify_inclusion(leaf, index, size, (*proof, top), top)
    assert not tree.verify_inclusion(leaf, index, size, proof[:-1], top) or not proof
    assert not tree.verify_inclusion(tree.leaf_hash(b"other"), index, size, proof, top)
    assert not tree.verify_inclusion(leaf, index, size, proof, tree.EMPTY_ROOT)


@given(st.data())
def test_consistency_proofs_are_the_definitions(data: st.DataObject) -> None:
    """Every proof is the one that the definition gives, and fails against any other root."""
    new = data.draw(st.integers(1, 100))
    old = data.draw(st.integers(1, new))
    leaves = numbered(new)
    proof = tree.consistency_proof(STORE_100, old, new)
    assert list(proof) == slow_proof(old, leaves)
    before, after = slow_root(leaves[:old]), slow_root(leaves)
    assert tree.verify_consistency(old, new, before, after, proof)
    assert not tree.verify_consistency(old, new, tree.EMPTY_ROOT, after, proof)
    assert not tree.verify_consistency(old, new, before, tree.EMPTY_ROOT, proof)
    assert not tree.verify_consistency(old, new, before, after, (*proof, after))
    assert not tree.verify_consistency(old, new, before, after, proof[:-1]) or not proof


@given(st.data())
def test_one_changed_bit_breaks_a_proof(data: st.DataObject) -> None:
    """No bit of a proof is without effect."""
    new = data.draw(st.integers(2, 100))
    old = data.draw(st.integers(1, new - 1))
    inclusion, consistency = tree.inclusion_proof(STORE_100, old, new), tree.consistency_proof(STORE_100, old, new)
    after = tree.root(STORE_100, new)
    assert not tree.verify_inclusion(tree.leaf_hash(numbered(new)[old]), old, new, flipped(data, inclusion), after)
    assert not tree.verify_consistency(old, new, tree.root(STORE_100, old), after, flipped(data, consistency))


def flipped(data: st.DataObject, proof: tuple[bytes, ...]) -> list[bytes]:
    """Flip one bit of one node."""
    changed = [bytearray(node) for node in proof]
    changed[data.draw(st.integers(0, len(proof) - 1))][data.draw(st.integers(0, 31))] ^= 1 << data.draw(st.integers(0, 7))
    return [bytes(node) for node in changed]


def test_a_proof_of_the_wrong_length_is_refused() -> None:
    """A proof that hashes to the right root, but has more or fewer nodes than the sizes ask for, proves nothing."""
    for size in range(1, 18):
        for other in range(1, 18):
            for first in range(min(size, other)):
                path = tree.inclusion_proof(STORE_100, first, size)
                if len(path) != len(tree.inclusion_proof(STORE_100, first, other)):
                    leaf = tree.leaf_hash(numbered(size)[first])
                    assert not tree.verify_inclusion(leaf, first, other, path, tree.root(STORE_100, size))
                proof = tree.consistency_proof(STORE_100, first, size)
                if len(proof) != len(tree.consistency_proof(STORE_100, first, other)):
                    assert not tree.verify_consistency(first, other, tree.root(STORE_100, first), tree.root(STORE_100, size), proof)


def test_nodes_beyond_the_root_are_refused() -> None:
    """A root that was reached is the end: nothing more can be hashed onto it, nor can anything but a hash."""
    one, two, stray = tree.root(STORE_100, 1), tree.root(STORE_100, 2), b"\7" * 32
    assert not tree.verify_inclusion(one, 0, 1, [stray], tree.node_hash(stray, one))
    three, four = (tree.node_hash(stray, tree.root(STORE_100, size)) for size in (3, 4))
    assert not tree.verify_consistency(3, 4, three, four, [*tree.consistency_proof(STORE_100, 3, 4), stray])
    assert not tree.verify_inclusion(one, 0, 2, [b"short"], tree.node_hash(one, b"short"))
    assert not tree.verify_consistency(1, 2, one, tree.node_hash(one, b"short"), [b"short"])
    assert not tree.verify_consistency(3, 4, one, two, [])


def test_a_fork_has_no_consistency_proof() -> None:
    """A tree that differs in one old leaf is not begun by the old tree, whichever proof is shown."""
    forked = grown([*numbered(10), b"other", *numbered(20)[11:]])
    for store in (forked, STORE_100):
        proof = tree.consistency_proof(store, 13, 20)
        assert not tree.verify_consistency(13, 20, tree.root(STORE_100, 13), tree.root(forked, 20), proof)


def test_nothing_to_prove() -> None:
    """An empty proof says that a tree begins itself, and that the empty tree begins any; and nothing else."""
    one, two = tree.root(STORE_100, 1), tree.root(STORE_100, 2)
    assert tree.consistency_proof(STORE_100, 0, 5) == tree.consistency_proof(STORE_100, 5, 5) == ()
    assert tree.verify_consistency(0, 2, tree.EMPTY_ROOT, two, ())
    assert tree.verify_consistency(0, 0, tree.EMPTY_ROOT, tree.EMPTY_ROOT, ())
    assert not tree.verify_consistency(0, 2, one, two, ())
    assert not tree.verify_consistency(0, 0, one, one, ())
    assert not tree.verify_consistency(2, 2, one, two, ())
    assert not tree.verify_consistency(0, 2, tree.EMPTY_ROOT, two, (one,))
    assert not tree.verify_consistency(2, 1, two, one, ())
    assert not tree.verify_inclusion(one, 0, 0, (), one)
    assert not tree.verify_inclusion(one, -1, 1, (), one)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 5), (5, 5)])
def test_leaves_that_are_not_there_have_no_path(index: int, size: int) -> None:
    """A path is refused for a leaf outside the tree."""
    with pytest.raises(JournalRefusedError):
        tree.inclusion_proof(STORE_100, index, size)


@pytest.mark.parametrize(("old", "new"), [(2, 1), (-1, 3)])
def test_trees_do_not_shrink(old: int, new: int) -> None:
    """A proof is refused when the old tree is the larger."""
    with pytest.raises(JournalRefusedError):
        tree.consistency_proof(STORE_100, old, new)


@given(st.lists(st.integers(1, 9), max_size=8))
def test_appending_many_at_once_is_appending_one_by_one(batches: list[int]) -> None:
    """However the leaves come, the nodes are the same, and stand in the order of their positions."""
    store = MemoryNodes()
    order = []
    for batch in batches:
        size = sum(node.level == 0 for node in store.hashes)
        added = tree.extend(store, size, [tree.leaf_hash(leaf) for leaf in numbered(size + batch)[size:]])
        store.hashes.update(added)
        order += [tree.position(node) for node, _ in added]
    total = sum(batches)
    assert order == list(range(tree.node_count(total)))
    assert tree.size_of(len(order)) == total
    assert store.hashes == grown(numbered(total)).hashes


def test_size_of_is_the_least_that_suffices() -> None:
    """When nodes are missing at the end, the size is that of the tree they were part of."""
    for nodes in range(300):
        size = tree.size_of(nodes)
        assert tree.node_count(size) >= nodes
        assert size == 0 or tree.node_count(size - 1) < nodes


def test_a_large_tree_costs_its_logarithm() -> None:
    """Appending to, and proving in, a tree of many leaves asks for at most twice as many nodes as it has levels."""
    size = 2**40 - 1
    store = VastNodes()
    tree.extend(store, size, [b"\1" * 32])
    tree.inclusion_proof(store, 12_345_678_901, size)
    tree.consistency_proof(store, 12_345_678_901, size)
    tree.root(store, size)
    assert all(0 < asked <= 80 for asked in store.asked_each)


class VastNodes:
    """A tree so large that its hashes are invented; it remembers how many were asked for each time."""

    def __init__(self) -> None:
        self.asked_each: list[int] = []

    def nodes(self, wanted: Sequence[tree.Node]) -> Mapping[tree.Node, bytes]:
        """Return a hash for each."""
        self.asked_each.append(len(wanted))
        return dict.fromkeys(wanted, b"\0" * 32)
