"""Each check of the doctor, on a machine that is well and on one that is not."""

from __future__ import annotations

import hashlib
import http.server
import shutil
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chapterize import weights
from chapterize.doctor import Check, Plan, can_draft, examination, examine
from chapterize.doctor.models import (
    check_artefacts,
    check_default_model,
    check_gpu,
    check_speech_model,
)
from chapterize.doctor.online import check_hub, check_service, check_token
from chapterize.doctor.places import (
    check_cache,
    check_config,
    check_space,
    check_state,
    check_temporary,
)
from chapterize.doctor.programs import (
    check_emoji,
    check_ffmpeg,
    check_fonts,
    check_package,
    check_packages,
    check_python,
    check_version,
)
from chapterize.remote.identity import Identity, Token
from chapterize.rendering import program
from chapterize.rendering.overlay import emoji, fonts
from chapterize.transcribe import device
from tests.conftest import FFMPEG
from tests.tiny_whisper import make_tiny_whisper

SECRET = "nmv_usr_Kq7" + "x" * 40


@pytest.fixture(autouse=True)
def _nobody_in_particular(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A user of whom nothing is known, on a machine that was not looked at yet."""
    for name in ("CACHE", "STATE"):
        monkeypatch.setenv(f"CHAPTERIZE_{name}", str(tmp_path / name.lower()))
    for name in ("NEMO_TOKEN", "NEMO_API_URL", "HF_ENDPOINT", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CHAPTERIZE_FFMPEG", FFMPEG)
    caches = (device.cuda_problem, program.find_program, program._abilities)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


def _script(folder: Path, text: str) -> str:
    path = folder / "ffmpeg"
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def _pretend_cuda(monkeypatch: pytest.MonkeyPatch, problem: str | None) -> None:
    monkeypatch.setattr(device, "_has_driver", lambda: True)
    monkeypatch.setattr(device, "run_probe", lambda command: problem)


def test_python_must_be_new_enough() -> None:
    assert check_python().status == "ok"
    old = check_python((3, 10, 14))
    assert (old.status, old.detail) == ("problem", "3.10.14 is too old")
    assert "3.11" in old.remedy


def test_the_version_comes_with_its_place() -> None:
    assert str(Path(weights.__file__).parent) in check_version().detail


def test_a_package_that_cannot_be_imported_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert check_packages().status == "ok"
    (tmp_path / "half_a_wheel.py").write_text("raise ImportError('libz is missing')")
    monkeypatch.syspath_prepend(str(tmp_path))
    broken = check_packages(["numpy", "half_a_wheel"])
    assert broken.status == "problem"
    assert broken.detail == "half_a_wheel cannot be imported: libz is missing"


def test_ffmpeg_is_named_with_its_version_and_what_it_can_do() -> None:
    found = check_ffmpeg()
    assert found.status == "ok"
    assert FFMPEG in found.detail
    assert "version" in found.detail
    assert "libass" in found.detail
    assert "x264" in found.detail


def test_an_ffmpeg_that_is_not_there_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAPTERIZE_FFMPEG", "/nowhere/ffmpeg")
    found = check_ffmpeg()
    assert (found.status, found.remedy) == ("problem", "correct CHAPTERIZE_FFMPEG, or unset it")
    assert "/nowhere/ffmpeg" in found.detail


@pytest.mark.skipif(sys.platform == "win32", reason="shell scripts")
def test_an_ffmpeg_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAPTERIZE_FFMPEG", _script(tmp_path, "exec sleep 60"))
    monkeypatch.setattr("chapterize.doctor.programs._SECONDS", 0.2)
    began = time.monotonic()
    assert check_ffmpeg().status == "problem"
    assert time.monotonic() - began < 5


@pytest.mark.skipif(sys.platform == "win32", reason="shell scripts")
def test_an_ffmpeg_without_libass_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says = 'echo "ffmpeg version 4.2 Copyright"; echo "libx264 AVOptions:"; echo "-fps_mode x"'
    monkeypatch.setenv("CHAPTERIZE_FFMPEG", _script(tmp_path, says))
    found = check_ffmpeg()
    assert found.status == "warning"
    assert "version 4.2; no videos: it lacks libass" in found.detail
    assert "CHAPTERIZE_FFMPEG" in found.remedy


@pytest.mark.skipif(sys.platform == "win32", reason="shell scripts")
def test_an_ffmpeg_of_the_system_that_is_passed_over_for_videos_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _script(tmp_path, 'echo "ffmpeg version 4.2 Copyright"')
    monkeypatch.delenv("CHAPTERIZE_FFMPEG")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = check_ffmpeg()
    assert found.status == "ok"
    assert found.detail.startswith(f"{tmp_path / 'ffmpeg'}, version 4.2")
    assert f"but {FFMPEG} can" in found.detail


def test_titles_have_a_font(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_fonts() == Check("fonts", "ok", "titles are drawn with Inter")

    def gone() -> None:
        raise FileNotFoundError

    monkeypatch.setattr(fonts, "bundled_font", gone)
    assert check_fonts().status == "warning"


def test_a_machine_without_a_colour_font_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(emoji, "colour_fonts", tuple)
    found = check_emoji()
    assert found.status == "warning"
    assert "Noto Color Emoji" in found.remedy


def test_an_optional_package_is_a_problem_only_where_it_is_needed() -> None:
    assert check_package("numpy", "x", "y").status == "ok"
    missing = check_package("no-such-package", "semantic", "--embedder NAME")
    assert missing.status == "warning"
    assert missing.remedy == 'install it: pip install "chapterize[semantic]"'
    needed = check_package("no-such-package", "semantic", "--embedder NAME", is_needed=True)
    assert needed.status == "problem"


def test_a_gpu_is_a_problem_only_where_it_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend_cuda(monkeypatch, "libcublas.so.12 cannot be opened")
    found = check_gpu()
    assert found.status == "warning"
    assert "libcublas.so.12" in found.detail
    assert "nvidia-cublas-cu12" in found.remedy
    assert check_gpu("cuda").status == "problem"
    assert check_gpu("cpu").status == "ok"
    device.cuda_problem.cache_clear()
    _pretend_cuda(monkeypatch, None)
    assert check_gpu("cuda").status == "ok"
    device.cuda_problem.cache_clear()
    monkeypatch.setattr(device, "_has_driver", lambda: False)
    assert "no NVIDIA driver" in check_gpu().detail


def test_the_models_of_the_package_are_whole() -> None:
    found = check_artefacts()
    assert found.status == "ok"
    assert str(weights.folder()) in found.detail


def test_a_model_that_was_altered_is_a_problem(tmp_path: Path) -> None:
    good = hashlib.sha256(b"good").hexdigest()
    (tmp_path / "SHA256SUMS").write_text(f"{good}  a.npz\n", encoding="utf-8")
    (tmp_path / "a.npz").write_bytes(b"bad")
    found = check_artefacts(tmp_path)
    assert found.status == "problem"
    assert "a.npz is damaged" in found.detail
    assert "--force-reinstall" in found.remedy
    (tmp_path / "a.npz").unlink()
    assert check_artefacts(tmp_path).status == "problem"
    (tmp_path / "SHA256SUMS").unlink()
    assert check_artefacts(tmp_path).status == "problem"


@pytest.fixture
def no_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk without speech models."""
    monkeypatch.setattr("chapterize.transcribe.model.model_on_disk", lambda name: None)


@pytest.mark.usefixtures("no_models")
def test_a_speech_model_that_is_missing_is_a_warning() -> None:
    found = check_speech_model(Plan(device="cpu"))
    assert found.status == "warning"
    assert found.detail == "small is not on this disk"
    assert "487 MB" in found.remedy
    offline = check_speech_model(Plan(device="cpu", model="tiny", offline=True))
    assert offline.status == "warning"
    assert "--no-offline" in offline.remedy


def test_a_speech_model_that_cannot_be_used_is_a_problem(tmp_path: Path) -> None:
    folder = make_tiny_whisper(tmp_path / "tiny")
    plan = Plan(model=str(folder), device="cpu")
    assert check_speech_model(plan).status == "ok"
    assert check_default_model(plan).status == "ok"
    (folder / "model.bin").unlink()
    found = check_speech_model(plan)
    assert found.status == "problem"
    assert "model.bin" in found.detail
    assert check_speech_model(Plan(model="no such/model/at all")).status == "problem"


@pytest.mark.usefixtures("no_models")
def test_a_gpu_that_does_not_work_does_not_hide_the_speech_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _pretend_cuda(monkeypatch, "broken")
    assert check_speech_model(Plan(device="cuda")).detail == "small is not on this disk"


def test_a_cache_is_measured_and_need_not_exist(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "cache"
    assert check_cache(folder).detail == f"{folder}, 0.0 MB"
    assert not folder.exists()
    (folder / "results").mkdir(parents=True)
    (folder / "results" / "a.json").write_bytes(bytes(2_300_000))
    assert check_cache(folder).detail == f"{folder}, 2.3 MB"


def test_a_folder_that_cannot_be_written_is_a_warning_that_names_the_variable(
    tmp_path: Path,
) -> None:
    file = tmp_path / "file"
    file.touch()
    cache, state = check_cache(file / "cache"), check_state(file / "state")
    assert (cache.status, state.status) == ("warning", "warning")
    assert str(file / "cache") in cache.detail
    assert "CHAPTERIZE_CACHE" in cache.remedy
    assert "CHAPTERIZE_STATE" in state.remedy


def test_no_temporary_folder_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_temporary().status == "ok"

    def none() -> str:
        raise FileNotFoundError

    monkeypatch.setattr("tempfile.gettempdir", none)
    assert check_temporary().status == "problem"


def test_little_room_is_a_warning(tmp_path: Path) -> None:
    places = {"cache": tmp_path / "not" / "yet", "temporary": tmp_path}
    free = shutil.disk_usage(tmp_path).free
    assert check_space(places, 0).status == "ok"
    found = check_space(places, free * 2 + 10**9)
    assert found.status == "warning"
    assert found.detail.startswith("cache ")


def test_settings_that_cannot_be_read_are_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    assert check_config(path).detail == f"{path} does not exist; defaults hold"
    path.touch()
    assert check_config(path) == Check("settings", "ok", str(path))
    assert check_config(path, "line 3", "correct it").status == "problem"


def test_a_token_is_told_of_but_no_part_of_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert check_token().detail.startswith("not set")
    Identity("https://mega-api-prod.nemovideo.ai", tmp_path).keep(Token(SECRET, True))
    kept = check_token(tmp_path)
    assert kept.detail == "a starter token, from the state folder (20 to 99 characters)"
    monkeypatch.setenv("NEMO_TOKEN", SECRET)
    found = check_token(tmp_path)
    assert found == Check("token", "ok", "set, from NEMO_TOKEN (20 to 99 characters)")
    monkeypatch.setenv("NEMO_TOKEN", f"{SECRET} {SECRET}")
    broken = check_token()
    assert broken.status == "warning"
    assert "Kq7" not in repr(broken)


class Host(http.server.BaseHTTPRequestHandler):
    """Answers every HEAD with the status in its path."""

    requests: list[tuple[str, dict[str, str]]] = []  # noqa: RUF012

    def do_HEAD(self) -> None:
        self.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
        status = int(self.path.strip("/") or 200)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def host() -> Iterator[str]:
    """A web server on this machine; its address."""
    Host.requests.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Host) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@contextmanager
def silent_port() -> Iterator[int]:
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_the_service_is_asked_once_and_without_the_token(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEMO_API_URL", host)
    monkeypatch.setenv("NEMO_TOKEN", SECRET)
    assert check_service() == Check("remote service", "ok", "127.0.0.1 can be reached")
    assert [path for path, _ in Host.requests] == ["/"]
    assert "authorization" not in Host.requests[0][1]
    assert SECRET not in repr(Host.requests)


@pytest.mark.parametrize(
    ("path", "status"), [("", "ok"), ("/404", "ok"), ("/302", "ok"), ("/503", "warning")]
)
def test_any_answer_but_a_fault_of_the_server_means_it_can_be_reached(
    host: str, monkeypatch: pytest.MonkeyPatch, path: str, status: str
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", host + path)
    assert check_hub().status == status
    assert len(Host.requests) == 1


def test_a_hub_that_is_not_there_is_a_warning_that_shows_no_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://me:hunter2@127.0.0.1:1")
    found = check_hub()
    assert found.status == "warning"
    assert "127.0.0.1 cannot be reached" in found.detail
    assert "hunter2" not in repr(found)
    monkeypatch.setenv("HF_ENDPOINT", "ftp://mirror.example")
    assert "http" in check_hub().detail
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "HF_HUB_OFFLINE" in check_hub().detail


def test_a_host_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chapterize.doctor.online._SECONDS", 0.2)
    with silent_port() as port:
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{port}")
        assert "no answer within 0.2 s" in check_hub().detail
    monkeypatch.setattr("chapterize.doctor.online._SECONDS_IN_ALL", 0.2)
    monkeypatch.setattr("chapterize.doctor.online._ask", lambda address: time.sleep(2))
    assert "no answer within 0.2 s" in check_hub().detail


def test_an_address_of_the_service_that_cannot_be_used_is_a_warning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NEMO_API_URL", "http://api.example")
    for found in (check_token(), check_service()):
        assert found.status == "warning"
        assert "NEMO_API_URL" in found.detail


def test_every_check_that_is_not_ok_has_a_remedy_on_one_line() -> None:
    checks = list(examine(Plan(device="cpu")))
    assert can_draft(checks)
    for check in checks:
        assert bool(check.remedy) == (check.status != "ok"), check
        assert "\n" not in check.detail + check.remedy


def test_without_online_nobody_is_asked(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEMO_API_URL", host)
    monkeypatch.setenv("HF_ENDPOINT", host)
    plan = Plan(device="cpu", embedder="some/model", model="tiny")
    names = {check.name for check in examine(plan)}
    assert Host.requests == []
    assert "default model" in names
    online = {check.name for check in examine(plan, online=True)} - names
    assert online == {"model hub", "remote service"}
    assert len(Host.requests) == 2


def test_a_check_that_fails_itself_does_not_hide_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def break_down() -> Check:
        raise RuntimeError(f"no\nidea {SECRET}")

    monkeypatch.setattr(examination, "check_emoji", break_down)
    monkeypatch.setattr(examination, "check_artefacts", break_down)
    found = {check.name: check for check in examine(Plan(device="cpu"))}
    assert (found["emoji"].status, found["models"].status) == ("warning", "problem")
    assert found["models"].detail == "the check failed, RuntimeError: no idea …"
    assert found["token"].status == "ok"
