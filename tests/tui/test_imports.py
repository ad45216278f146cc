"""The terminal loads no language model and no network's client."""

import subprocess
import sys


def test_the_terminal_loads_no_model_and_no_client() -> None:
    program = (
        "import sys, socialdesk.tui.app\n"
        "print([name for name in ('spacy', 'sklearn', 'tweepy', 'mastodon', 'atproto', 'skops',"
        " 'numpy', 'requests') if name in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert found.stdout.strip() == "[]"
