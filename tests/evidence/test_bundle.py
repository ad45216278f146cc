import io
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from socialdesk.core.clock import SetClock
from socialdesk.core.errors import NotAllowed, RuleError
from socialdesk.evidence import verifier
from socialdesk.evidence.archive import archive
from socialdesk.evidence.bundle import Request, make_bundle
from socialdesk.evidence.gather import Media
from socialdesk.queue.erasure import Warrant, erase_contact
from socialdesk.queue.holds import contact_of
from socialdesk.store.tables import Message
from tests.desks import START, make_desk
from tests.evidence.cases import HOSTILE, Case, members, verdict
from tests.witnesses import with_witnesses, witnesses_of


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    folder = tmp_path_factory.mktemp("case")
    desk = make_desk(folder / "home", SetClock(START))
    with witnesses_of(desk, folder, ("oversight", "sister")) as witnesses:
        made = Case(with_witnesses(desk, witnesses, 2), witnesses)
        made.bundle = made.make()
        yield made


def test_a_whole_bundle_is_verified_by_its_own_verifier_alone_and_offline(
    case: Case, tmp_path: Path
) -> None:
    (tmp_path / "bundle.zip").write_bytes(case.bundle)
    (tmp_path / "verify.py").write_bytes(members(case.bundle)["verify.py"])
    watched = (
        "import runpy, sys\n"
        "sys.argv = ['verify.py', 'bundle.zip', '--log-key', sys.argv[1]]\n"
        "try:\n    runpy.run_path('verify.py', run_name='__main__')\n"
        "finally:\n    assert not [m for m in sys.modules if m.startswith('socialdesk')]\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", watched, case.key],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "everything in this bundle is verified" in done.stdout
    assert "does not prove" in done.stdout
    assert "\x1b" not in done.stdout


def test_the_verifier_is_one_file_a_person_reads_in_an_evening() -> None:
    source = Path(verifier.__file__).read_text("utf-8")
    assert source.count("\n") <= 600
    assert "import socialdesk" not in source
    assert "from socialdesk" not in source


def test_the_bundle_holds_the_messages_byte_for_byte_and_every_kind_of_entry(case: Case) -> None:
    files = members(case.bundle)
    raws = [content for name, content in files.items() if name.endswith(".raw")]
    assert any(b"he has a knife" in raw for raw in raws)
    texts = [content for name, content in files.items() if name.endswith(".text")]
    assert HOSTILE.encode("utf-8", "surrogatepass") in texts
    assert b"We are on our way." in texts
    entries = b"".join(content for name, content in files.items() if name.startswith("entries/"))
    for act in ("collection", "assess", "claim", "draft", "approve", "send", "disclosure", "close"):
        assert f'"action":"{act}"'.encode() in entries
    assert b'"subjects":[' in entries
    assert b'"recipients":["Defence Ltd"]' in entries
    assert b"other 1" not in case.bundle
    written = {
        content for name, content in files.items() if name.startswith(("replies/", "notes/"))
    }
    assert b"a knife, and children in the house" in written
    assert b"send a car to her" in written
    assert b"And another thing: lock the door." in written
    assert b"fool" not in case.bundle


def test_the_account_is_inert_and_accessible(case: Case) -> None:
    page = members(case.bundle)["account.html"].decode()
    assert "<script" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert '<html lang="en-GB">' in page
    assert page.count('scope="col"') == 24
    assert "<h1>" in page
    assert "UTC" in page
    assert "GMT" in page


def test_the_same_content_gives_the_same_bytes(case: Case) -> None:
    files = members(case.bundle)
    assert archive(dict(reversed(files.items()))) == case.bundle


def test_without_a_key_from_outside_the_verifier_says_so(
    case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verdict(case.bundle, tmp_path) == 0
    assert "taken from the bundle itself" in capsys.readouterr().out


def test_another_logs_key_is_refused(case: Case, tmp_path: Path) -> None:
    other = make_desk(tmp_path / "other", SetClock(START))
    key = str(other.signer().keys.public[0])
    assert verdict(case.bundle, tmp_path, "--log-key", key) == 1
    assert verdict(case.bundle, tmp_path, "--log-key", "nonsense") == 2


@settings(max_examples=150)
@given(data=st.data())
def test_no_byte_of_any_member_can_be_changed(case: Case, data: st.DataObject) -> None:
    files = members(case.bundle)
    name = data.draw(st.sampled_from(sorted(files)))
    at = data.draw(st.integers(0, max(0, len(files[name]) - 1)))
    bit = 1 << data.draw(st.integers(0, 7))
    content = bytearray(files[name])
    content[at] ^= bit
    changed = files | {name: bytes(content)}
    assert _quiet(archive(changed), case) in {1, 2}


@settings(max_examples=150)
@given(at=st.integers(0, 10**9), bit=st.integers(0, 7))
def test_no_byte_of_the_archive_can_be_changed_unless_it_means_nothing(
    case: Case, at: int, bit: int
) -> None:
    content = bytearray(case.bundle)
    content[at % len(content)] ^= 1 << bit
    if _quiet(bytes(content), case) == 0:
        assert members(bytes(content)) == members(case.bundle)


def _quiet(content: bytes, case: Case) -> int:
    from contextlib import redirect_stdout
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder, redirect_stdout(io.StringIO()):
        return verdict(content, Path(folder), "--log-key", case.key)


@pytest.mark.parametrize(
    "harm",
    [
        lambda files: files.pop(next(name for name in files if name.endswith(".raw"))),
        lambda files: files.pop(next(name for name in files if name.startswith("entries/"))),
        lambda files: files.pop(next(name for name in files if name.startswith("proofs/"))),
        lambda files: files.pop(next(name for name in files if name.startswith("batches/"))),
        lambda files: files.pop("manifest.sig"),
        lambda files: files.update({"messages/extra.text": b"I confess"}),
    ],
)
def test_a_missing_or_added_file_is_named(
    case: Case,
    tmp_path: Path,
    harm: Callable[[dict[str, bytes]], object],
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = members(case.bundle)
    harm(files)
    assert verdict(archive(files), tmp_path, "--log-key", case.key) == 1
    assert "everything" not in capsys.readouterr().out


@pytest.mark.parametrize("name", ["manifest.json", "checkpoint", "keys/log.txt"])
def test_without_its_backbone_a_bundle_cannot_be_checked(
    case: Case, tmp_path: Path, name: str
) -> None:
    files = members(case.bundle)
    del files[name]
    assert verdict(archive(files), tmp_path, "--log-key", case.key) == 2


def test_an_unknown_entry_version_is_neither_valid_nor_called_forged(
    case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = members(case.bundle)
    name = max(name for name in files if name.startswith("entries/"))
    files[name] = files[name].replace(b'"v":1}', b'"v":2}')
    assert verdict(archive(files), tmp_path, "--log-key", case.key) in {1, 2}
    assert "UNKNOWN" in capsys.readouterr().out


@pytest.mark.parametrize("cut", [0, 1, 100, 0.3, 0.7, -1, -22])
def test_an_empty_or_truncated_archive_cannot_be_checked(
    case: Case, tmp_path: Path, cut: float
) -> None:
    end = int(cut * len(case.bundle)) if isinstance(cut, float) else cut
    assert verdict(case.bundle[:end], tmp_path, "--log-key", case.key) == 2
    assert verifier.main([str(tmp_path / "absent.zip")]) == 2
    assert verdict(archive({}), tmp_path) == 2


@pytest.mark.parametrize(
    "name", ["../x", "/etc/x", "a/../../x", "a\\b", "C:x", ".hidden", "a//b", "a/", "\u202egpj.x"]
)
def test_dangerous_names_are_refused(case: Case, tmp_path: Path, name: str) -> None:
    assert verdict(archive(members(case.bundle) | {name: b"x"}), tmp_path) == 2


def test_doubles_links_packed_members_and_hidden_bytes_are_refused(
    case: Case, tmp_path: Path
) -> None:
    def with_member(info: zipfile.ZipInfo, content: bytes) -> bytes:
        buffer = io.BytesIO(case.bundle)
        with zipfile.ZipFile(buffer, "a") as opened:
            opened.writestr(info, content)
        return buffer.getvalue()

    with pytest.warns(UserWarning, match="Duplicate"):
        double = with_member(zipfile.ZipInfo("checkpoint"), b"x")
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    bomb = zipfile.ZipInfo("bomb")
    bomb.compress_type = zipfile.ZIP_DEFLATED
    for harmful in (
        double,
        with_member(link, b"/etc/passwd"),
        with_member(bomb, b"\0" * 10_000_000),
        b"MZ hidden" + case.bundle,
        case.bundle + b"trailing",
    ):
        assert verdict(harmful, tmp_path, "--log-key", case.key) == 2


def test_an_officer_may_not_disclose_and_a_disclosure_needs_recipient_and_reason(
    case: Case,
) -> None:
    request = Request(case.conversation, "Defence Ltd", "CPIA")
    with pytest.raises(NotAllowed):
        make_bundle(case.desk, case.officer, request)
    with pytest.raises(RuleError):
        make_bundle(case.desk, case.chief, Request(case.conversation, " ", "CPIA"))


def test_what_was_erased_is_called_erased_and_by_whose_authority(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = Case(make_desk(tmp_path / "home", SetClock(START)), [])
    contact = contact_of(case.desk, case.conversation)
    erase_contact(case.desk, case.chief, contact, Warrant("DPO/2026/114", "court_order"))
    assert verdict(case.make(), tmp_path, "--log-key", case.key) == 0
    said = capsys.readouterr().out
    assert said.count("ERASED  ") == 3 + 2 + 2
    assert "DPO/2026/114" in said


def test_a_witness_that_is_away_delays_no_disclosure_and_is_missed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = make_desk(tmp_path / "home", SetClock(START))
    with witnesses_of(desk, tmp_path, ("oversight", "sister")) as witnesses:
        away = [witnesses[0], replace(witnesses[1], url="http://127.0.0.1:9")]
        case = Case(with_witnesses(desk, away, 2), away)
        content = case.make()
    assert verdict(content, tmp_path, "--log-key", case.key) == 1
    assert "1 of 2 cosigned it, 2 demanded" in capsys.readouterr().out
    assert verdict(content, tmp_path, "--log-key", case.key, "--quorum", "1") == 0


def test_media_are_named_with_hash_size_and_type(tmp_path: Path) -> None:
    case = Case(make_desk(tmp_path / "home", SetClock(START)), [])
    with case.desk.store.reading() as session:
        message = session.exec(
            select(Message.id).where(Message.conversation_id == case.conversation)
        ).first()
    assert message is not None
    picture = Media("<b>knife</b>.jpg", "ab" * 32, 4711, "image/jpeg")
    content = case.make({message: [picture]})
    files = members(content)
    assert b'"size": 4711' in files[f"messages/{message}.json"]
    assert b"&lt;b&gt;knife" in files["account.html"]
    assert verdict(content, tmp_path, "--log-key", case.key) == 0
