"""Writing a bundle: the same content gives the same bytes, on any day and any machine."""

import zipfile
from collections.abc import Mapping
from io import BytesIO

from socialdesk.core.errors import RuleError

MOMENT = (1980, 1, 1, 0, 0, 0)
REGULAR_FILE = 0o100644
MAX_FILES = 60_000


def archive(files: Mapping[str, bytes]) -> bytes:
    """Return a plain zip: names sorted, nothing packed, one fixed time, regular files alone.

    Raises:
        RuleError: there are more files than a plain zip holds.
    """
    if len(files) > MAX_FILES:
        raise RuleError(f"A bundle holds at most {MAX_FILES} files; this has {len(files)}.")
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED, allowZip64=False) as bundle:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, MOMENT)
            info.create_system = 3
            info.external_attr = REGULAR_FILE << 16
            bundle.writestr(info, files[name])
    return content.getvalue()
