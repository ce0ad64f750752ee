"""The house keeps its floors: imports point down, and the heavy guests ring the bell."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import chapterize

ROOT = Path(chapterize.__file__).parent
MOST_LINES = 350

FLOORS = (
    ("errors", "timecode", "background"),
    ("data", "files", "journal", "fingerprint", "ffmpeg", "language"),
    ("cache", "weights", "voice", "settings", "hub"),
    (
        *("media", "captions", "transcribe", "sentences", "signals", "vectors", "segment", "title"),
        *("check", "formats", "evaluate"),
    ),
    ("pipeline", "rendering", "remote", "compare"),
    ("batch", "review", "deliver", "doctor"),
    ("cli",),
    ("__init__", "__main__"),
)
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
# Values, whole-file writing and errors serve their own floor too.
OPEN_TO_SIBLINGS = frozenset(("errors", "data", "files"))

HEAVY = frozenset(
    (
        *("torch", "faster_whisper", "ctranslate2", "sentence_transformers", "sklearn", "scipy"),
        *("av", "ray", "starlette", "uvicorn", "rich", "ffmpeg", "pysubs2", "mutagen"),
        *("tokenizers", "httpx", "imageio_ffmpeg", "charset_normalizer"),
        *("nltk", "ruptures", "opentimelineio", "huggingface_hub", "langcodes", "language_data"),
    )
)
# The remote service; and title servers, which lie on this machine and share nothing with that
# service: no session, no journal, one request a batch.
HTTP = frozenset(("chapterize.remote.client", "chapterize.title.endpoint_server"))
BAD_MODULE = re.compile(r"_?(?:utils?|helpers?|managers?|handlers?)")
BAD_CLASS = re.compile(r"\w*(?:Utils?|Helper|Manager|Handler)s?")

FILES = sorted(path for path in ROOT.rglob("*.py") if "__pycache__" not in path.parts)


def name_of(path: Path) -> str:
    """``chapterize.a.b`` for a file; the package itself for its ``__init__``."""
    parts = [ROOT.name, *path.relative_to(ROOT).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in FILES}


def room_of(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def is_type_checking(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def loaded_at_import(body: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Import statements that run when the module is imported."""
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        elif is_type_checking(node):
            assert isinstance(node, ast.If)
            yield from loaded_at_import(node.orelse)
        else:
            for field in ("body", "orelse", "finalbody"):
                yield from loaded_at_import(getattr(node, field, []))
            for handler in getattr(node, "handlers", []):
                yield from loaded_at_import(handler.body)


def targets(node: ast.Import | ast.ImportFrom, importer: str) -> Iterator[str]:
    """Dotted names that a statement imports, as modules where they are such."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    base = node.module or ""
    if node.level:
        is_package = MODULES[importer].name == "__init__.py"
        parents = importer.split(".")
        parents = parents[: len(parents) - node.level + (1 if is_package else 0)]
        base = ".".join([*parents, *filter(None, [base])])
    for alias in node.names:
        deeper = f"{base}.{alias.name}"
        yield deeper if deeper in MODULES else base


def known_rooms(importer: str) -> set[str]:
    nodes = [
        node
        for node in ast.walk(tree_of(MODULES[importer]))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    names = [name for node in nodes for name in targets(node, importer)]
    return {room_of(name) for name in names if name.split(".")[0] == ROOT.name}


def is_allowed(room: str, other: str) -> bool:
    here, there = FLOOR_OF[room], FLOOR_OF[other]
    return room == other or there < here or (there == here and other in OPEN_TO_SIBLINGS)


def version_only(importer: str) -> bool:
    """Whether all a module takes from the package's own front is its version."""
    return all(
        {alias.name for alias in node.names} == {"__version__"}
        for node in ast.walk(tree_of(MODULES[importer]))
        if isinstance(node, ast.ImportFrom) and ROOT.name in targets(node, importer)
    )


def test_every_room_has_a_floor() -> None:
    homeless = {room_of(name) for name in MODULES} - set(FLOOR_OF)
    assert not homeless, "give these a floor in this test, and say why in their docstring"


@pytest.mark.parametrize("importer", sorted(MODULES))
def test_imports_point_down(importer: str) -> None:
    room = room_of(importer)
    upward = {
        other
        for other in known_rooms(importer)
        if not is_allowed(room, other) and not (other == "__init__" and version_only(importer))
    }
    assert not upward, f"{importer} stands on floor {FLOOR_OF[room]} and may not know these"


@pytest.mark.parametrize("importer", sorted(MODULES))
def test_heavy_packages_are_imported_where_they_are_needed(importer: str) -> None:
    eager = {
        name.split(".")[0]
        for node in loaded_at_import(tree_of(MODULES[importer]).body)
        for name in targets(node, importer)
    }
    assert not eager & HEAVY, f"import these inside the function of {importer} that needs them"


def test_only_these_files_speak_http() -> None:
    speakers = {
        name
        for name, path in MODULES.items()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Import | ast.ImportFrom)
        and "httpx" in {target.split(".")[0] for target in targets(node, name)}
        and name not in HTTP
    }
    assert not speakers, "what leaves the machine leaves by one of the doors in HTTP"


def test_the_package_and_its_light_rooms_load_nothing_heavy() -> None:
    names = ["chapterize", *(f"chapterize.{room}" for floor in FLOORS[:3] for room in floor)]
    names = [name for name in names if name in MODULES]
    code = f"import sys, {', '.join(names)}; print(*{{m.split('.')[0] for m in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT.parent, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "chapterize" in loaded
    assert not loaded & HEAVY


def test_every_module_says_what_it_is_for() -> None:
    assert not [name for name, path in MODULES.items() if not ast.get_docstring(tree_of(path))]


def test_no_file_is_the_one_everything_fell_into() -> None:
    n_lines = {name: len(path.read_bytes().splitlines()) for name, path in MODULES.items()}
    assert not {name: lines for name, lines in n_lines.items() if lines > MOST_LINES}


def test_names_say_what_a_thing_is() -> None:
    modules = [name for name in MODULES if BAD_MODULE.fullmatch(name.rpartition(".")[2])]
    classes = [
        f"{name}.{node.name}"
        for name, path in MODULES.items()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef) and BAD_CLASS.fullmatch(node.name)
    ]
    assert not modules + classes


def test_no_module_is_imported_in_a_circle() -> None:
    edges = {
        name: {
            target
            for node in loaded_at_import(tree_of(path).body)
            for target in targets(node, name)
            if target in MODULES and target != name
        }
        for name, path in MODULES.items()
    }
    cleared: set[str] = set()

    def walk(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " → ".join((*path[path.index(name) :], name))
        if name not in cleared:
            for target in sorted(edges[name]):
                walk(target, (*path, name))
            cleared.add(name)

    for name in MODULES:
        walk(name, ())


def test_the_checks_see_what_they_should() -> None:
    source = (
        "import av\ntry:\n    import ray\nexcept ImportError:\n    import rich\n"
        "if TYPE_CHECKING:\n    import torch\nelse:\n    import scipy\n"
        "class A:\n    import httpx\ndef f():\n    import mutagen\n"
    )
    found = [
        name
        for node in loaded_at_import(ast.parse(source).body)
        for name in targets(node, "chapterize.data")
    ]
    assert found == ["av", "ray", "rich", "scipy", "httpx"]
    relative = ast.parse("from .errors import InputError\nfrom . import timecode\n").body
    resolved = [
        name
        for node in relative
        if isinstance(node, ast.ImportFrom)
        for name in targets(node, "chapterize.data")
    ]
    assert resolved == ["chapterize.errors", "chapterize.timecode"]
    assert is_allowed("media", "data")
    assert is_allowed("cache", "files")
    assert not is_allowed("media", "captions")
    assert not is_allowed("data", "formats")
    assert BAD_CLASS.fullmatch("CueManager")
    assert not BAD_CLASS.fullmatch("Cue")
