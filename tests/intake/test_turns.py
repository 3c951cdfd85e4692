"""Few uploads are opened at once, and whoever comes when all are taken is told so."""

import os
import subprocess
import sys

import pytest

from relocation.intake import turns
from relocation.intake.uploads import Unusable, harmless
from tests.intake import hostile

pytestmark = pytest.mark.nodb
HOLDS = "import sys; from relocation.intake.turns import turn\nwith turn(): print('held', flush=True); sys.stdin.read()"


@pytest.fixture(autouse=True)
def places(monkeypatch, tmp_path):
    """Places of the test's own, for its other processes too."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr(turns, "PATIENCE", 0.2)


def holder() -> subprocess.Popen[bytes]:
    program = subprocess.Popen([sys.executable, "-c", HOLDS], stdin=-1, stdout=-1)
    assert program.stdout is not None and program.stdout.readline() == b"held\n"
    return program


def test_of_more_than_three_the_last_waits_and_is_told_until_another_process_lets_go():
    others = [holder() for _place in range(turns.AT_ONCE)]
    with pytest.raises(Unusable, match="other files are being opened"):
        harmless(hostile.picture())
    others[0].kill()  # a place is never lost, however its holder ends
    others[0].wait()
    assert len(harmless(hostile.picture()).pages) == 1
    for program in others:
        program.communicate()


def test_a_place_is_given_back_after_a_file_that_could_not_be_opened():
    for _upload in range(turns.AT_ONCE + 1):
        with pytest.raises(Unusable, match="damaged"):
            harmless(b"\xff\xd8\xff nonsense")
    assert harmless(hostile.picture())


def test_a_folder_that_others_could_write_into_is_not_trusted(tmp_path):
    folder = tmp_path / f"harbour-turns-{os.getuid()}"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(PermissionError), turns.turn():
        pass
