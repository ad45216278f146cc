import base64
import json

from hypothesis import given
from hypothesis import strategies as st

from socialdesk.audit.merkle import (
    EMPTY_ROOT,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from socialdesk.audit.note import exact_base64, parse_key, parse_note
from socialdesk.audit.tiles import Edge
from tests.audit.vectors import probes, vectors

MOST = 70
LEAVES = [leaf_hash(b"%d" % number) for number in range(MOST)]


def naive(leaves: list[bytes]) -> bytes:
    """Return the root as RFC 6962 §2.1 defines it, word for word."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(naive(leaves[:split]), naive(leaves[split:]))


def node(level: int, position: int) -> bytes:
    return naive(LEAVES[position << level : (position + 1) << level])


def test_a_growing_edge_has_the_root_of_the_definition_at_every_size() -> None:
    edge = Edge()
    for size, leaf in enumerate(LEAVES, 1):
        edge.append(leaf)
        assert edge.root() == naive(LEAVES[:size]) == tree_root(size, node)


@given(st.integers(1, MOST).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))))
def test_every_entry_is_proven_in_every_tree_that_holds_it(place: tuple[int, int]) -> None:
    index, size = place
    proof = inclusion_proof(index, size, node)
    root = naive(LEAVES[:size])
    assert verify_inclusion(LEAVES[index], index, size, proof, root)
    assert not verify_inclusion(leaf_hash(b"other"), index, size, proof, root)
    assert len(proof) <= (size - 1).bit_length()


@given(st.integers(0, MOST).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_every_tree_is_proven_to_extend_every_earlier_one(sizes: tuple[int, int]) -> None:
    first, second = sizes
    proof = consistency_proof(first, second, node)
    roots = naive(LEAVES[:first]), naive(LEAVES[:second])
    assert verify_consistency(first, second, proof, *roots)
    if 0 < first < second:
        assert not verify_consistency(first, second, proof, leaf_hash(b"x"), roots[1])
        assert not verify_consistency(first, second, proof, roots[0], leaf_hash(b"x"))


def decoded(text: str | None) -> bytes:
    return base64.b64decode(text) if text else b""


def test_published_inclusion_probes_are_judged_as_published() -> None:
    for name, probe in probes("inclusion"):
        proof = [decoded(part) for part in probe["proof"] or []]
        verdict = verify_inclusion(
            decoded(probe["leafHash"]), probe["leafIdx"], probe["treeSize"], proof,
            decoded(probe["root"]),
        )  # fmt: skip
        assert verdict is not probe["wantErr"], name


def test_published_consistency_probes_are_judged_as_published() -> None:
    for name, probe in probes("consistency"):
        roots = decoded(probe["root1"]), decoded(probe["root2"])
        proof = [decoded(part) for part in probe["proof"] or []]
        verdict = verify_consistency(probe["size1"], probe["size2"], proof, *roots)
        if name == "sizes-are-equal-one-and-proof-is-empty":
            # Its roots are not hashes at all; ours is the stricter rule: 32 bytes or nothing.
            assert not verdict
        else:
            assert verdict is not probe["wantErr"], name


def test_the_published_tree_of_eight_has_the_published_nodes() -> None:
    published = json.loads((vectors() / "rfc6962-tree8.json").read_bytes())
    leaves = [leaf_hash(bytes.fromhex(leaf)) for leaf in published["leaf_inputs_hex"]]
    by_level = published["node_hashes_hex_by_level"]
    assert [leaf.hex() for leaf in leaves] == by_level[0]
    assert naive(leaves).hex() == by_level[3][0]


def test_the_published_note_and_key_are_read() -> None:
    published = json.loads((vectors() / "c2sp-signed-note-example.json").read_bytes())
    key = parse_key(published["vkey"])
    text, (signature,) = parse_note(published["note"])
    assert text == "This is an example message.\n"
    assert (signature.name, signature.key_id) == (key.name, key.id)


@given(st.binary(max_size=40))
def test_only_canonical_base64_is_read(content: bytes) -> None:
    text = base64.b64encode(content).decode()
    assert exact_base64(text) == content
    assert exact_base64(text + "\n") is None
