"""Tests are where one looks for them: ``tests/a/test_b.py`` tests ``chapterize/a/b.py``."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path, PurePosixPath

TESTS = Path(__file__).parent
ROOT = TESTS.parent
MOST_LINES = 350

# Test files of no single module.
NO_MODULE = {
    "test_structure.py": "the imports of the whole package",
    "test_mirror.py": "the tests themselves",
    "test_container.py": "scripts/Containerfile",
    "test_english.py": "the terms in code, messages and papers",
    "test_readme.py": "the papers at the top",
    "test_models.py": "the cards and files in models/",
    "test_sample.py": "the sample lecture",
    "test_scripts.py": "the shell scripts",
    "test_yt_dlp_plugins.py": "scripts/yt_dlp_plugins, which yt-dlp loads",
    "batch/browser/test_report_page.py": "the report of a batch in a browser",
    "cli/test_existing.py": "chapters that a file has already, in every command",
    "cli/test_inputs.py": "what every command takes as a file: chapterize/inputs.py",
    "formats/test_mkvmerge.py": "formats against mkvmerge and mkvextract",
    "formats/test_round_trip.py": "every pair of formats",
    "language/test_drafts.py": "every stage, in many languages",
    "media/test_refused_files.py": "files that cannot be used, at every door",
    "remote/test_fake_service.py": "tests/fake_service, which stands for the remote service",
    "remote/test_fake_service_faults.py": "tests/fake_service, and its faults",
    "remote/test_fake_service_renders.py": "tests/fake_service, and its renders",
    "remote/test_fake_service_run.py": "tests/fake_service, as a program",
    "remote/test_fault_matrix.py": "every fault at every call",
    "remote/test_kill.py": "a run that is killed at any point",
    "remote/test_secrets.py": "the token in what is written and reported",
    "remote/test_secrets_odd.py": "a token that is hard to recognise, in the same",
    "rendering/test_no_fonts.py": "titles on a machine without fonts",
    "review/browser/test_access.py": "the page in a browser: who can use it",
    "review/browser/test_clock.py": "media in a browser: their times",
    "review/browser/test_count.py": "the page in a browser: another number of chapters",
    "review/browser/test_editing.py": "the page in a browser: changes",
    "review/browser/test_long_talk.py": "the page in a browser: ten hours",
    "review/browser/test_page.py": "the page in a browser: what it shows",
    "review/browser/test_player.py": "the page in a browser: the video",
    "review/browser/test_publish.py": "the page in a browser: lists and exports",
    "review/browser/test_results.py": "the page in a browser: renders, splits and what is sent",
    "review/browser/test_saving.py": "the page in a browser: what is kept",
    "transcribe/test_real_speech.py": "recognition with the weights of Whisper base",
}


def written() -> list[str]:
    return sorted(path.relative_to(TESTS).as_posix() for path in TESTS.rglob("test_*.py"))


def modules() -> set[str]:
    """Paths of what may be tested, without suffix: modules and packages of chapterize, scripts
    and what serves the tests.
    """
    found = set()
    for folder in (ROOT / "chapterize", ROOT / "scripts", TESTS):
        for path in folder.rglob("*.py"):
            if not path.name.startswith("test_"):
                relative = path.relative_to(folder).with_suffix("")
                found |= {relative.as_posix(), relative.parent.as_posix()}
    return found


def is_mirrored(test: str, known: Iterable[str]) -> bool:
    """Whether a module or package of the same name exists in the folder of the same name, or, but
    for the top folder, below it; ``test_b_faults.py`` belongs to ``b``.
    """
    path = PurePosixPath(test)
    stem = path.stem.removeprefix("test_")
    folder = "" if path.parent == PurePosixPath() else f"{path.parent}/"
    near = [
        module for module in known if module.startswith(folder) and (folder or "/" not in module)
    ]
    names = {module.rpartition("/")[2].strip("_") for module in near}
    return any(stem == name or stem.startswith(f"{name}_") for name in names if name)


def in_two_places(tests: Collection[str]) -> list[str]:
    """Packages whose tests are in a folder of their own and outside it as well."""
    folders = {PurePosixPath(test).parts[0] for test in tests if "/" in test}
    return sorted(folder for folder in folders if f"test_{folder}.py" in tests)


def test_every_test_file_is_named_after_what_it_tests() -> None:
    known = modules()
    lost = [test for test in written() if not is_mirrored(test, known)]
    lost = [test for test in lost if test not in NO_MODULE]
    assert not lost, "name these after a module, or say in NO_MODULE what they test"


def test_the_exceptions_are_needed() -> None:
    known = modules()
    needed = {test for test in written() if not is_mirrored(test, known)}
    unneeded = sorted(set(NO_MODULE) - needed)
    assert not unneeded, "NO_MODULE names these, which have a module or do not exist"


def test_the_tests_of_a_package_are_in_one_folder() -> None:
    assert not in_two_places(written()), "move tests/test_X.py to tests/X/"


def test_no_test_file_is_too_long() -> None:
    n_lines = {name: len((TESTS / name).read_bytes().splitlines()) for name in written()}
    assert not {name: lines for name, lines in n_lines.items() if lines > MOST_LINES}


def test_what_counts_as_a_mirror() -> None:
    known = {"media", "media/probe", "rendering/overlay/emoji"}
    for test in ("test_media.py", "media/test_probe.py", "media/test_probe_faults.py"):
        assert is_mirrored(test, known)
    assert is_mirrored("rendering/test_emoji.py", known)
    assert not is_mirrored("media/test_audio.py", known)
    assert not is_mirrored("media/test_emoji.py", known)
    assert in_two_places(["test_media.py", "media/test_probe.py", "test_data.py"]) == ["media"]
