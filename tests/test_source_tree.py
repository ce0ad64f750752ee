"""The rules of test_structure find what they are for, tried on planted source."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests import source_tree
from tests.floors import FLOORS, OPEN_TO_SIBLINGS
from tests.source_tree import FRONT, SourceTree
from tests.test_structure import BAD_CLASS, DOORS, ROOT, TREE

planted = SourceTree.planted


def upward(source: str, **others: str) -> list[str]:
    """What is found in a module of ``media`` with `source`."""
    parts = {"pipeline__draft": "", "captions": "", "data": "", **others}
    return source_tree.upward(planted(media__probe=source, **parts), FLOORS, OPEN_TO_SIBLINGS)


@pytest.mark.parametrize(
    "source",
    [
        "from chapterize.pipeline import make_draft",
        "from chapterize.pipeline.draft import make_draft",
        "import chapterize.pipeline.draft as draft",
        "from chapterize import pipeline",
        "from .. import pipeline",
        "from ..pipeline import make_draft",
        "from chapterize.captions import find",
        "from chapterize import make_draft",
        "from chapterize import __version__",
        "from chapterize import *",
        "import chapterize",
        "def f():\n    import chapterize",
        "if TYPE_CHECKING:\n    from chapterize.pipeline import Options",
    ],
)
def test_an_import_that_points_up_is_found(source: str) -> None:
    assert len(upward(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "from chapterize.data import Chapters",
        "from ..data import Chapters",
        "from chapterize.media.audio import decode_audio",
        "from . import audio",
        "from chapterize._version import __version__",
    ],
)
def test_an_import_that_points_down_is_allowed(source: str) -> None:
    assert not upward(source, media__audio="", _version="")


def test_only_some_parts_serve_their_own_floor() -> None:
    tree = planted(
        journal="from chapterize.files import write",
        files="from chapterize.language import names",
        language="",
    )
    (found,) = source_tree.upward(tree, FLOORS, OPEN_TO_SIBLINGS)
    assert found == "chapterize.files:1 imports chapterize.language"


@pytest.mark.parametrize(
    "source",
    [
        "import chapterize",
        "import chapterize as c",
        "import chapterize.data",
        "from .. import data",
    ],
)
def test_an_import_that_binds_the_whole_package_is_found(source: str) -> None:
    found = source_tree.plain(planted(media__probe=source, media__data=""))
    assert bool(found) == source.startswith("import")


def test_floors_inside_a_package() -> None:
    tree = planted(
        media__low="from chapterize.media.high import b",
        media__high="def f():\n    from .low import a",
        media__same="from . import low",
        media__front="from chapterize.media import a",
    )
    found = source_tree.upward_within(tree, "chapterize.media", ("low same", "high front"))
    assert found == [
        f"chapterize.media.front imports chapterize.media.{FRONT}",
        "chapterize.media.low imports chapterize.media.high",
        "chapterize.media.same imports chapterize.media.low",
    ]


def test_a_package_inside_a_package_counts_as_one_module() -> None:
    tree = planted(
        rendering__overlay__fonts="from chapterize.rendering.overlay.emoji import a",
        rendering__overlay__emoji="",
        rendering__video="from chapterize.rendering.overlay.fonts import b",
    )
    assert source_tree.floors_of(tree, "chapterize.rendering") == ["overlay", "video"]
    assert source_tree.floors_of(tree, "chapterize.rendering.overlay") == ["emoji", "fonts"]
    assert not source_tree.upward_within(tree, "chapterize.rendering", ("overlay", "video"))


@pytest.mark.parametrize(
    "source",
    [
        "from chapterize.media.b import x",
        "def f():\n    from chapterize.media.b import x",
        "if TYPE_CHECKING:\n    from .b import X",
        "import chapterize.media.b as b",
    ],
)
def test_a_circle_is_found_wherever_its_imports_are(source: str) -> None:
    tree = planted(media__a=source, media__b="def g():\n    from chapterize.media import a")
    (found,) = source_tree.circles(tree)
    assert found == "chapterize.media.a → chapterize.media.b → chapterize.media.a"
    assert not source_tree.circles(planted(media__a=source, media__b=""))


@pytest.mark.parametrize(
    "source",
    [
        "from chapterize.cache import _folder",
        "from chapterize.cache import _folder as folder",
        "from chapterize import cache\ncache._folder()",
        "import chapterize.cache as store\nstore._folder()",
        "from chapterize.captions._hidden import read",
        "from chapterize.captions import _hidden",
        "def f():\n    from ..cache import _folder",
    ],
)
def test_a_private_name_of_another_module_is_found(source: str) -> None:
    assert source_tree.private(planted(media__probe=source, cache="", captions___hidden=""))


def test_private_names_of_ones_own_are_allowed() -> None:
    tree = planted(
        media___packets="",
        media__probe="from chapterize.media._packets import read\nfrom . import _packets",
        _version="",
        cache="from chapterize._version import __version__\nself._x = _own()",
    )
    assert not source_tree.private(tree)


@pytest.mark.parametrize(
    "source",
    [
        'from importlib import import_module\nimport_module("chapterize.pipeline")',
        'import importlib as i\ni.import_module("chapterize.pipeline")',
        '__import__("chapterize.pipeline")',
        "from importlib import import_module as load",
        'import sys\nsys.modules["chapterize.pipeline"]',
        'exec("import chapterize.pipeline")',
        'import runpy\nrunpy.run_module("chapterize.pipeline")',
    ],
)
def test_an_import_by_name_is_found(source: str) -> None:
    tree = planted(media__probe=source)
    assert source_tree.by_name(tree, ())
    assert not source_tree.by_name(tree, ("chapterize.media.probe",))
    assert not source_tree.by_name(planted(media__probe="from importlib import metadata"), ())


def test_only_imports_that_run_at_once_are_eager() -> None:
    source = (
        "import av\ntry:\n    import ray\nexcept ImportError:\n    import rich\n"
        "if TYPE_CHECKING:\n    import torch\nelse:\n    import scipy\n"
        "class A:\n    import httpx\ndef f():\n    import mutagen\n"
        "with x:\n    import fontTools.ttLib\nfor i in x:\n    from uharfbuzz import Font\n"
        "match x:\n    case 1:\n        import numpy, os\n"
    )
    nodes = source_tree.loaded_at_import(ast.parse(source).body)
    names = [getattr(node, "module", None) or node.names[0].name for node in nodes]
    expected = ["av", "ray", "rich", "scipy", "httpx", "fontTools.ttLib", "uharfbuzz", "numpy"]
    assert names == expected
    found = source_tree.eager(planted(media__probe=source), ("numpy",))
    assert {each.split()[-1] for each in found} == set(expected[:-1])


@pytest.mark.parametrize(
    "source",
    [
        "import httpx",
        "def f():\n    from httpx import get",
        "import urllib.request",
        "from urllib import request",
        "from urllib.request import urlopen",
        "import urllib.parse\nurllib.request.urlopen(x)",
        "import http.client",
        "from http.client import HTTPSConnection",
        "import socket",
        "import requests",
        "from huggingface_hub import snapshot_download",
        "import asyncio",
    ],
)
def test_every_way_to_the_network_is_found(source: str) -> None:
    assert source_tree.through_other_doors(planted(media__probe=source), DOORS)


def test_the_known_doors_are_open_and_addresses_may_be_read() -> None:
    tree = planted(
        hub__disk="from huggingface_hub import constants",
        remote__connection="import httpx",
        media__probe="from urllib.parse import urlsplit\nfrom http import HTTPStatus",
    )
    assert not source_tree.through_other_doors(tree, DOORS)


def test_the_package_on_disk_is_read_whole() -> None:
    files = [path for path in ROOT.rglob("*.py") if "__pycache__" not in path.parts]
    assert len(TREE.sources) == len(files)
    assert TREE.sources["chapterize.data"] == Path(ROOT / "data.py").read_text(encoding="utf-8")
    assert "chapterize.media" in TREE.packages
    assert "chapterize.data" not in TREE.packages


def test_the_name_of_a_class_is_judged_by_its_end() -> None:
    assert BAD_CLASS.fullmatch("CueManager")
    assert not BAD_CLASS.fullmatch("Cue")
