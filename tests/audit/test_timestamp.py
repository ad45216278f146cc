import http.server
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest

from socialdesk.audit.timestamp import read_certificates, request_timestamp, verify_timestamp
from socialdesk.core.errors import AuditError

pytest.importorskip("rfc3161_client", reason="the extra `timestamps` is not installed")
if which("openssl") is None:
    pytest.skip("no openssl here to act as a time-stamping authority", allow_module_level=True)

CONFIG = """
[req]
distinguished_name = dn
prompt = no
[dn]
CN = Test authority
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = one
[one]
serial = serial
default_policy = 1.2.3.4
digests = sha256,sha512
signer_digest = sha256
signer_cert = leaf.pem
signer_key = leaf.key
crypto_device = builtin
ess_cert_id_alg = sha256
"""
NOTE = "log.example\n1\nroot\n\n— log.example AAAA\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tsa")
    (folder / "c").write_text(CONFIG)
    (folder / "serial").write_text("01\n")

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    new = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-config", "c")
    openssl(*new, "-extensions", "root", "-keyout", "root.key", "-out", "root.pem")
    openssl(*new, "-extensions", "leaf", "-subj", "/CN=Stamps", "-CA", "root.pem",
            "-CAkey", "root.key", "-keyout", "leaf.key", "-out", "leaf.pem")  # fmt: skip
    return folder


@pytest.fixture
def url(authority: Path) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            (authority / "q").write_bytes(query)
            made = subprocess.run(
                ["openssl", "ts", "-reply", "-config", "c", "-section", "one", "-queryfile", "q"],
                cwd=authority,
                capture_output=True,
                check=False,
            )
            self.send_response(200 if made.returncode == 0 else 500)
            self.end_headers()
            self.wfile.write(made.stdout)

        def log_message(self, *_args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_checkpoint_is_time_stamped_by_an_authority_and_checked_by_its_root(
    authority: Path, url: str
) -> None:
    roots = read_certificates(authority / "root.pem")
    answer = request_timestamp(NOTE, url)
    assert verify_timestamp(NOTE, answer, roots).year >= 2025
    with pytest.raises(AuditError, match="does not hold"):
        verify_timestamp(NOTE + "x", answer, roots)
    with pytest.raises(AuditError, match="does not hold"):
        verify_timestamp(NOTE, answer[:-40], roots)
    with pytest.raises(AuditError, match="does not hold"):
        verify_timestamp(NOTE, answer, read_certificates(authority / "leaf.pem"))


def test_an_authority_that_is_away_is_told_in_words(authority: Path) -> None:
    with pytest.raises(AuditError, match="gave no time-stamp"):
        request_timestamp(NOTE, "http://127.0.0.1:9")
    with pytest.raises(AuditError, match="holds no certificate"):
        read_certificates(authority / "serial")
