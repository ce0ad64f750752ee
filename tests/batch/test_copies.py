from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from chapterize.batch.copies import room_for, sweep
from chapterize.errors import OutputError


def test_the_folder_is_deleted_at_the_end(tmp_path: Path) -> None:
    with room_for(10, folder=tmp_path) as folder:
        (folder / "talk.mp4").write_bytes(b"1234")
        assert folder.parent == tmp_path
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_the_folder_is_deleted_after_ctrl_c(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), room_for(10, folder=tmp_path):
        raise KeyboardInterrupt
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_a_copy_waits_until_others_have_made_room(tmp_path: Path) -> None:
    events: list[str] = []

    def second() -> None:
        wait = events.append
        with room_for(60, folder=tmp_path, limit=100, on_wait=lambda: wait("waits")):
            events.append("starts")

    with room_for(50, folder=tmp_path, limit=100):
        thread = threading.Thread(target=second)
        thread.start()
        while not events:
            time.sleep(0.01)
        events.append("ends")
    thread.join()
    assert events == ["waits", "ends", "starts"]


def test_two_small_copies_are_there_at_the_same_time(tmp_path: Path) -> None:
    with room_for(50, folder=tmp_path, limit=100), room_for(50, folder=tmp_path, limit=100):
        assert len(list(tmp_path.glob("copy-*.size"))) == 2


def test_a_file_beyond_the_limit_is_copied_alone(tmp_path: Path) -> None:
    with room_for(500, folder=tmp_path, limit=100) as folder:
        assert folder.is_dir()


def test_a_file_that_the_disk_cannot_hold_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught, room_for(10**18, folder=tmp_path):
        pass
    assert caught.value.what.startswith("cannot copy 1000000000000.0 MB to")
    assert "TMPDIR" in caught.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_what_a_killed_process_left_is_deleted_by_the_next(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path\n"
        "from chapterize.batch.copies import room_for\n"
        "with room_for(70, folder=Path(sys.argv[1]), limit=100) as folder:\n"
        "    (folder / 'talk.mp4').touch()\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert len(list(tmp_path.glob("copy-*/talk.mp4"))) == 1
    with room_for(70, folder=tmp_path, limit=100):
        assert not list(tmp_path.glob("copy-*/talk.mp4"))


def test_what_is_left_is_deleted_at_the_end_of_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with room_for(10) as folder:
        dead = folder.with_name("copy-dead")
        dead.mkdir()
        dead.with_name("copy-dead.lock").touch()
        dead.with_name("copy-dead.size").write_text("10")
        sweep()
        assert folder.is_dir()
        assert not list(folder.parent.glob("copy-dead*"))


def test_many_processes_never_delete_the_folder_of_another(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from chapterize.batch.copies import room_for\n"
        "for number in range(60):\n"
        "    with room_for(1, folder=Path(sys.argv[1])) as folder:\n"
        "        (folder / 'talk').touch()\n"
        "        assert (folder / 'talk').exists()\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_a_folder_of_another_user_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    user = os.getuid()
    (tmp_path / f"chapterize-{user + 1}").mkdir()
    monkeypatch.setattr(os, "getuid", lambda: user + 1)
    with pytest.raises(OutputError, match="belongs to another user"), room_for(1):
        pass
