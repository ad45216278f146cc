"""What the officer who makes bundles, a thief of keys or a liar may try; the log refuses it."""

import base64
import io
import json
import struct
import zipfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialdesk.audit.checkpoint import LogKeys, sign_checkpoint, with_signatures
from socialdesk.audit.keys import load_post_quantum_key, load_service_key
from socialdesk.core.clock import SetClock
from socialdesk.evidence import verifier
from socialdesk.evidence.archive import archive
from socialdesk.queue import keys
from socialdesk.queue.keys import Order
from tests.desks import START, make_desk
from tests.evidence.cases import Case, Files, checkpoint_of, members, named, verdict, with_note
from tests.witnesses import with_witnesses, witnesses_of

Said = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    folder = tmp_path_factory.mktemp("case")
    desk = make_desk(folder / "home", SetClock(START))
    with witnesses_of(desk, folder, ("oversight", "sister")) as witnesses:
        made = Case(with_witnesses(desk, witnesses, 2), witnesses)
        made.bundle = made.make()
        yield made


@pytest.fixture
def files(case: Case) -> Files:
    return members(case.bundle)


def without_witnesses(files: Files) -> str:
    text, _, lines = files["checkpoint"].decode().rpartition("\n\n")
    kept = [line for line in lines.splitlines() if "example/w " not in line]
    return f"{text}\n\n" + "".join(f"{line}\n" for line in kept)


def thief(case: Case, folder: Path) -> LogKeys:
    """Return keys of a thief's own under the log's name."""
    return LogKeys(
        case.desk.log.origin,
        load_service_key(folder / "thief.key"),
        load_post_quantum_key(folder / "thief.pq"),
    )


def test_the_cosignatures_of_all_witnesses_are_in_the_bundle_and_checked(
    case: Case, files: Files, tmp_path: Path, capsys: Said
) -> None:
    assert files["keys/witnesses.txt"].decode().splitlines() == [
        str(witness.key) for witness in case.witnesses
    ]
    given = [part for one in case.witnesses for part in ("--witness-key", str(one.key))]
    assert verdict(case.bundle, tmp_path, "--log-key", case.key, *given, "--quorum", "2") == 0
    said = capsys.readouterr().out
    assert "VERIFIED the witnesses: 2 of 2 cosigned it, 2 demanded" in said
    assert "oversight.example/w' (cosignature" in said
    assert "taken from the bundle itself" not in said


def test_fewer_witnesses_than_demanded_leave_the_bundle_incomplete(
    case: Case, files: Files, tmp_path: Path, capsys: Said
) -> None:
    assert verdict(case.bundle, tmp_path, "--log-key", case.key, "--quorum", "3") == 1
    stripped = case.resealed(with_note(files, without_witnesses(files)))
    assert verdict(stripped, tmp_path, "--log-key", case.key) == 1
    assert "MISSING  the witnesses: 0 of 2 cosigned it, 2 demanded" in capsys.readouterr().out
    assert verdict(stripped, tmp_path, "--log-key", case.key, "--quorum", "0") == 0


def test_a_witness_the_reader_does_not_trust_counts_for_nothing_and_is_named_unchecked(
    case: Case, tmp_path: Path, capsys: Said
) -> None:
    mine = str(case.witnesses[0].key)
    arguments = ("--log-key", case.key, "--witness-key", mine, "--quorum")
    assert verdict(case.bundle, tmp_path, *arguments, "1") == 0
    said = capsys.readouterr().out
    assert "UNCHECKED a signature on the checkpoint by 'sister.example/w'" in said
    assert verdict(case.bundle, tmp_path, *arguments, "2") == 1


def test_a_forged_cosignature_spoils_the_checkpoint(
    case: Case, files: Files, tmp_path: Path
) -> None:
    key = case.witnesses[0].key
    content = base64.b64encode(key.id + struct.pack(">Q", 1) + bytes(64)).decode()
    note = with_signatures(without_witnesses(files), [f"— {key.name} {content}"])
    assert verdict(case.resealed(with_note(files, note)), tmp_path, "--log-key", case.key) == 2


def test_the_logs_own_key_is_no_witness(case: Case, files: Files, tmp_path: Path) -> None:
    files |= {"keys/witnesses.txt": files["keys/log.txt"]}
    assert verdict(case.resealed(files), tmp_path, "--log-key", case.key) == 1


def test_a_checkpoint_by_a_key_the_log_never_had_is_forged_even_where_no_key_is_given(
    case: Case, files: Files, tmp_path: Path, capsys: Said
) -> None:
    stranger = thief(case, tmp_path)
    note = sign_checkpoint(checkpoint_of(files), stranger, START)
    files = with_note(files, note)
    files["keys/log.txt"] = "".join(f"{key}\n" for key in stranger.public).encode()
    for arguments in ((), ("--log-key", str(stranger.public[0])), ("--log-key", case.key)):
        assert verdict(case.resealed(files, quorum=0), tmp_path, *arguments) == 1
        assert "FORGED   the checkpoint" in capsys.readouterr().out


def test_without_the_entry_that_brings_the_logs_key_no_key_is_bound(
    case: Case, files: Files, tmp_path: Path, capsys: Said
) -> None:
    entry, proof = verifier.entry_files(1)
    del files[entry], files[proof]
    listed = [seq for seq in json.loads(files["manifest.json"])["entries"] if seq != 1]
    assert verdict(case.resealed(files, entries=listed), tmp_path, "--log-key", case.key) == 1
    assert "no proven entry says which key was the log's" in capsys.readouterr().out


def a_rotated_case(folder: Path, *, revoked: bool) -> tuple[Case, LogKeys]:
    desk = make_desk(folder / "rotated", SetClock(START))
    case = Case(desk, [])
    before = desk.signer().keys
    keys.rotate_log_key(desk, Order(case.chief, "yearly", revoked))
    case.bundle = case.make()
    return case, before


def test_after_a_rotation_the_old_key_leads_to_the_new_one_and_signs_nothing_more(
    tmp_path: Path, capsys: Said
) -> None:
    case, before = a_rotated_case(tmp_path, revoked=False)
    new = str(case.desk.signer().keys.public[0])
    for key in (case.key, new, str(before.public[1])):
        assert verdict(case.bundle, tmp_path, "--log-key", key) == 0
    files = members(case.bundle)
    late = with_note(files, sign_checkpoint(checkpoint_of(files), before, START))
    late["keys/log.txt"] = "".join(f"{key}\n" for key in before.public).encode()
    capsys.readouterr()
    for arguments in ((), ("--log-key", case.key), ("--log-key", new)):
        assert verdict(case.resealed(late), tmp_path, *arguments) == 1
        assert "FORGED   the checkpoint" in capsys.readouterr().out


def test_a_key_replaced_after_a_theft_leads_nowhere(tmp_path: Path, capsys: Said) -> None:
    case, _before = a_rotated_case(tmp_path, revoked=True)
    assert verdict(case.bundle, tmp_path, "--log-key", case.key) == 2
    assert "did not sign the key that followed" in capsys.readouterr().out
    assert verdict(case.bundle, tmp_path, "--log-key", str(case.desk.signer().keys.public[0])) == 0


@pytest.mark.parametrize("folder", ["messages", "replies", "notes"])
def test_a_text_changed_by_whoever_signs_bundles_is_forged(
    case: Case, files: Files, tmp_path: Path, folder: str, capsys: Said
) -> None:
    name = named(files, lambda name: name.startswith(folder) and name.endswith(".text"))
    files[name] = b"something else"
    assert verdict(case.resealed(files), tmp_path, "--log-key", case.key) == 1
    assert f"FORGED   {name.removesuffix('.text')}" in capsys.readouterr().out


@pytest.mark.parametrize("folder", ["messages", "replies", "notes"])
def test_a_text_left_out_by_whoever_signs_bundles_is_missed(
    case: Case, files: Files, tmp_path: Path, folder: str, capsys: Said
) -> None:
    raw = named(files, lambda name: name.startswith(folder) and name.endswith(".json"))
    stem = raw.removesuffix(".json")
    kept = {name: content for name, content in files.items() if not name.startswith(stem)}
    listed = json.loads(files["manifest.json"])[folder]
    listed.remove(stem.removeprefix(f"{folder}/"))
    assert verdict(case.resealed(kept, **{folder: listed}), tmp_path, "--log-key", case.key) == 1
    assert f"MISSING  {stem}" in capsys.readouterr().out


def test_only_the_last_wording_of_a_draft_is_the_draft(
    case: Case, files: Files, tmp_path: Path, capsys: Said
) -> None:
    """Even with the salt of the earlier wording, it does not pass for the last one."""
    name = named(
        files,
        lambda name: name.startswith("replies") and b"lock the door" in files[name],
    )
    files[name] = b"And another thing"
    assert verdict(case.resealed(files), tmp_path, "--log-key", case.key) == 1
    assert "not what the log committed to last" in capsys.readouterr().out


def test_every_wording_has_a_salt_of_its_own(case: Case) -> None:
    """Or who gets the last wording could try guesses on the commitments to the earlier ones."""
    entries = [
        json.loads(content)["core"]
        for name, content in members(case.bundle).items()
        if name.startswith("entries/")
    ]
    salts = {
        base64.b64decode(json.loads(content)["salt"])
        for name, content in members(case.bundle).items()
        if name.startswith("replies/") and name.endswith(".json")
    }
    commitments = {
        core["commitments"]["text"]
        for core in entries
        if core["action"] == "draft" and "commitments" in core
    }
    guesses = {
        verifier.committed(salt, text)
        for salt in salts
        for text in (b"And another thing", b"We are coming, you fool.", b"")
    }
    assert len(commitments) == 3
    assert not guesses & commitments


def test_a_manifest_signed_by_another_officer_is_forged(
    case: Case, files: Files, tmp_path: Path
) -> None:
    changed = case.resealed(files, made_by=case.officer.actor.id)
    assert verdict(changed, tmp_path, "--log-key", case.key) == 1


def test_a_bundle_for_another_recipient_than_the_log_says_is_refused(
    case: Case, files: Files, tmp_path: Path, capsys: Said
) -> None:
    changed = case.resealed(files, recipient="Gutter Press")
    assert verdict(changed, tmp_path, "--log-key", case.key) == 1
    assert "MISSING  the disclosure" in capsys.readouterr().out


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(data=st.data())
def test_no_nonsense_in_any_json_file_ends_in_a_traceback(
    case: Case, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    files = members(case.bundle)
    name = data.draw(st.sampled_from([one for one in sorted(files) if one.endswith(".json")]))
    content = json.loads(files[name])
    member = data.draw(st.sampled_from(sorted(content)))
    content[member] = data.draw(json_values)
    body = json.dumps(content).encode()
    changed = archive(files | {name: body})
    if name != "manifest.json":
        changed = case.resealed(files | {name: body})
    with redirect_stdout(io.StringIO()):
        status = verdict(changed, tmp_path_factory.getbasetemp(), "--log-key", case.key)
    facts = {"messages", "replies", "notes", "batches"}
    assert status in ({0, 1, 2} if name.split("/")[0] in facts else {1, 2})


def test_deeply_nested_and_doubled_json_is_refused(
    case: Case, files: Files, tmp_path: Path
) -> None:
    for nonsense in (b"[" * 100_000, b'{"a":1,"a":1}', b"\xff", b"null", b"1" * 10_000):
        changed = archive(files | {"manifest.json": nonsense})
        assert verdict(changed, tmp_path, "--log-key", case.key) == 2
        entry = named(files, lambda name: name.startswith("entries/"))
        assert verdict(case.resealed(files | {entry: nonsense}), tmp_path) == 1


def test_a_declared_size_that_lies_is_refused(case: Case, tmp_path: Path) -> None:
    """A member says in the directory that it is larger, or smaller, than it is."""
    start = case.bundle.rindex(b"PK\x01\x02")
    for size in (0, 1, 2**31, 2**32 - 2):
        content = bytearray(case.bundle)
        content[start + 24 : start + 28] = struct.pack("<I", size)
        assert verdict(bytes(content), tmp_path, "--log-key", case.key) == 2


def test_members_that_share_their_bytes_are_refused(case: Case, tmp_path: Path) -> None:
    """Overlapping members: a small file that would unpack to a huge one."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as opened:
        opened.writestr(zipfile.ZipInfo("a"), b"x" * 10_000)
        info = opened.infolist()[0]
        for number in range(200):
            twin = zipfile.ZipInfo(f"b{number}")
            twin.CRC, twin.file_size, twin.compress_size = info.CRC, 10_000, 10_000
            twin.header_offset = info.header_offset
            opened.filelist.append(twin)
    assert verdict(buffer.getvalue(), tmp_path) == 2


def test_a_really_large_archive_is_refused_unread(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    monkeypatch.setattr(verifier, "LARGEST", 100_000)
    files = members(case.bundle) | {"messages/big.text": bytes(200_000)}
    assert verdict(archive(files), tmp_path) == 2
    assert "too large" in capsys.readouterr().out


def test_names_that_differ_in_case_alone_and_folders_are_refused(
    files: Files, tmp_path: Path
) -> None:
    assert verdict(archive(files | {"CHECKPOINT": b"x"}), tmp_path) == 2
    assert verdict(archive(files | {"messages/": b""}), tmp_path) == 2
    (tmp_path / "folder").mkdir()
    assert verifier.main([str(tmp_path / "folder")]) == 2


@pytest.mark.parametrize("option", ["--log-key", "--witness-key"])
@pytest.mark.parametrize("key", ["x", "a+b+c", "a+00000000+AQ==", "\ud800+1+é", "+" * 50])
def test_a_key_that_is_none_checks_nothing(
    case: Case, tmp_path: Path, option: str, key: str
) -> None:
    assert verdict(case.bundle, tmp_path, option, key) == 2


def test_without_ml_dsa_in_the_library_it_says_what_it_could_not_check(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    monkeypatch.setattr(verifier, "MLDSA44PublicKey", None)
    assert verdict(case.bundle, tmp_path, "--log-key", case.key) == 0
    assert "UNCHECKED a signature on the checkpoint by ML-DSA-44" in capsys.readouterr().out
