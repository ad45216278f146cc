from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialdesk.audit.note import NoteKey
from socialdesk.audit.policy import parse_policy, write_policy
from socialdesk.core.errors import AuditError
from tests.audit.logs import Book
from tests.audit.test_witness import make_witness, submit

LOG = NoteKey("log.example/1", 1, bytes(32))
KEYS = {name: NoteKey(f"{name}.example/w", 4, name.encode() * 16) for name in ("x1", "x2", "y1")}
LINES = "".join(f"witness {name} {key}\n" for name, key in KEYS.items())
NESTED = f"""# two levels
log {LOG} https://log.example
{LINES}
  group  xs\t2 x1 x2
group ys any y1
group both all xs ys
quorum both
"""


def test_a_policy_of_two_levels_counts_members_and_not_signatures() -> None:
    policy = parse_policy(NESTED)
    assert (policy.logs, policy.quorum) == ([LOG], "both")
    for present, enough in (
        (["x1", "x2", "y1"], True),
        (["x1", "y1"], False),
        (["x1", "x2"], False),
        ([], False),
    ):
        assert policy._witnessed("both", present) is enough


@pytest.mark.parametrize(
    "text",
    [
        "", "# nothing\n", "quorum nobody\n", "quorum none\nquorum none\n", "hello\n",
        f"witness none {KEYS['x1']}\nquorum none\n",
        f"witness a {KEYS['x1']}\nwitness a {KEYS['x2']}\nquorum a\n",
        f"witness a {KEYS['x1']}\nwitness b {KEYS['x1']}\nquorum a\n",
        f"witness a {LOG}\nquorum a\n", f"log {KEYS['x1']}\nquorum none\n",
        f"log {LOG}\nlog {LOG}\nquorum none\n", "witness a b+c+d\nquorum a\n",
        f"{LINES}group g 0 x1\nquorum g\n", f"{LINES}group g 2 x1\nquorum g\n",
        f"{LINES}group g 01 x1\nquorum g\n", f"{LINES}group g any x1 x1\nquorum g\n",
        f"{LINES}group g any x1\ngroup h any x1\nquorum h\n", f"{LINES}group g any\nquorum g\n",
        f"{LINES}group g any h\ngroup h any x1\nquorum g\n", f"{LINES}group x1 any x2\nquorum x1\n",
        f"{LINES}group g any g\nquorum g\n", f"{LINES}quorum x\x001\n", "quorum none\r\n",
        "#\n" * 1001,
    ],
)  # fmt: skip
def test_a_policy_that_breaks_the_rules_is_refused(text: str) -> None:
    with pytest.raises(AuditError):
        parse_policy(text)


@given(st.text())
def test_noise_is_no_policy(noise: str) -> None:
    with suppress(AuditError):
        assert parse_policy(noise).quorum


def test_what_is_written_is_read_back_and_judges_a_real_checkpoint(
    book: Book, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("w")
    pair = [make_witness(book, folder / name, f"{name}.example/w") for name in ("a", "b")]
    book.act(5)
    lines = [submit(book, witness, 0).text for witness in pair]
    known = [(f"w{n}", witness.public) for n, witness in enumerate(pair)]
    note = book.sign()
    for quorum in (0, 1, 2):
        policy = parse_policy(write_policy(book.signer.keys.public, known, quorum))
        for count in range(3):
            assert policy.accepts(note + "".join(lines[:count])) is (count >= quorum)
    stranger = parse_policy(write_policy([LOG], known, 0))
    with pytest.raises(AuditError):
        stranger.accepts(note)
