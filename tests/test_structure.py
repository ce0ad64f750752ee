"""The order of the package: what may import what, and what is imported only where it is needed.

``python -m tests.test_structure [PACKAGE]...`` prints the tables of `WITHIN` as imported now.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import chapterize
from tests import source_tree
from tests.floors import FLOORS, OPEN_TO_SIBLINGS, WITHIN
from tests.source_tree import SourceTree, numbered

ROOT = Path(chapterize.__file__).parent
TREE = SourceTree.read(ROOT)
MOST_LINES = 350

# Third-party packages that may be imported together with a module; all others inside functions.
LIGHT = ("numpy",)
LIGHT_IN_CLI = (*LIGHT, "typer")

# What opens connections, and the modules and packages that may use it.
DOORS = {
    # The remote service, and title servers on this machine, which share nothing with it.
    "httpx": ("chapterize.remote.connection", "chapterize.title.llm.server"),
    # The library that downloads models.
    "huggingface_hub": ("chapterize.hub",),
    # One HEAD request each, to see whether a host answers.
    "urllib.request": ("chapterize.doctor.online",),
    "http.client": ("chapterize.doctor.online",),
    # A title server, the timeout of a request, the port of the review page, and a Ray cluster.
    "socket": (
        *("chapterize.title.llm.server", "chapterize.remote.connection"),
        *("chapterize.review.server", "chapterize.batch.ray_cluster"),
    ),
    # The Ray cluster, and the storage, that a user names.
    "ray": ("chapterize.batch.ray_cluster",),
    "fsspec": ("chapterize.batch.storage",),
    **dict.fromkeys(
        (
            *("requests", "urllib3", "aiohttp", "websockets", "http.server", "socketserver", "ssl"),
            *("ftplib", "smtplib", "imaplib", "poplib", "telnetlib", "xmlrpc", "asyncio"),
        ),
        (),
    ),
}
# The front resolves its names when they are first used; doctor tries to import what is required.
BY_NAME = ("chapterize", "chapterize.doctor.machine")

BAD_MODULE = re.compile(r"_?(?:utils?|helpers?|managers?|handlers?)")
BAD_CLASS = re.compile(r"\w*(?:Utils?|Helper|Manager|Handler)s?")


def listed(offences: list[str]) -> str:
    return "".join(f"\n  {offence}" for offence in offences)


def packages_within() -> list[str]:
    """The packages below the front, without the package's own name."""
    return sorted(name.partition(".")[2] for name in TREE.packages if "." in name)


def test_every_part_of_the_package_has_a_floor() -> None:
    parts = {TREE.room(name) for name in TREE.sources} | {"__init__"}
    floors = numbered(FLOORS)
    assert not parts - set(floors), "add these to FLOORS, and say why in their docstring"
    assert not set(floors) - parts, "FLOORS names these, which do not exist"


def test_every_module_has_a_floor_in_its_package() -> None:
    missing, gone = [], []
    for package in packages_within():
        names = set(source_tree.neighbours(TREE, f"chapterize.{package}")) - {"__init__"}
        floors = set(numbered(WITHIN.get(package, ())))
        missing += [f"{package}.{name}" for name in sorted(names - floors)]
        gone += [f"{package}.{name}" for name in sorted(floors - names)]
    gone += sorted(set(WITHIN) - set(packages_within()))
    again = "`python -m tests.test_structure` prints the tables"
    assert not missing, f"these have no floor in WITHIN; {again}{listed(missing)}"
    assert not gone, f"WITHIN names these, which do not exist; {again}{listed(gone)}"


def test_imports_point_down() -> None:
    offences = source_tree.upward(TREE, FLOORS, OPEN_TO_SIBLINGS)
    assert not offences, f"these are not on a lower floor of FLOORS{listed(offences)}"


def test_imports_inside_a_package_point_down() -> None:
    offences = [
        offence
        for package, floors in WITHIN.items()
        for offence in source_tree.upward_within(TREE, f"chapterize.{package}", floors)
    ]
    assert not offences, f"these are not on a lower floor of WITHIN{listed(offences)}"


def test_no_module_imports_the_whole_package() -> None:
    offences = source_tree.plain(TREE)
    assert not offences, listed(offences)


def test_no_module_is_imported_in_a_circle() -> None:
    offences = source_tree.circles(TREE)
    assert not offences, listed(offences)


def test_private_names_stay_in_their_module() -> None:
    offences = source_tree.private(TREE)
    assert not offences, listed(offences)


def test_modules_are_imported_by_statements() -> None:
    offences = source_tree.by_name(TREE, BY_NAME)
    assert not offences, listed(offences)


def test_heavy_packages_are_imported_where_they_are_needed() -> None:
    offences = [
        offence
        for offence in source_tree.eager(TREE, LIGHT)
        if not offence.startswith("chapterize.cli.")
    ]
    offences += [
        offence
        for offence in source_tree.eager(TREE, LIGHT_IN_CLI)
        if offence.startswith("chapterize.cli.")
    ]
    assert not offences, f"import these inside the functions that need them{listed(offences)}"


def test_what_leaves_the_machine_leaves_by_a_known_door() -> None:
    offences = source_tree.through_other_doors(TREE, DOORS)
    assert not offences, f"only the modules in DOORS may use these{listed(offences)}"


def test_importing_all_but_the_command_line_loads_nothing_heavy() -> None:
    above = numbered(FLOORS)["cli"]
    names = [name for name in TREE.sources if numbered(FLOORS)[TREE.room(name)] < above]
    code = (
        f"import sys; before = set(sys.modules); import chapterize, {', '.join(names)}\n"
        "print(*{name.split('.')[0] for name in set(sys.modules) - before})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT.parent, capture_output=True, text=True, check=True
    )
    loaded = {name for name in done.stdout.split() if name not in sys.stdlib_module_names}
    assert loaded - {"chapterize"} <= set(LIGHT)


def test_every_module_says_what_it_is_for() -> None:
    assert not [name for name, module in TREE.parsed.items() if not ast.get_docstring(module)]


def test_no_module_is_too_long() -> None:
    n_lines = {name: len(text.splitlines()) for name, text in TREE.sources.items()}
    assert not {name: lines for name, lines in n_lines.items() if lines > MOST_LINES}


def test_names_say_what_a_thing_is() -> None:
    modules = [name for name in TREE.sources if BAD_MODULE.fullmatch(name.rpartition(".")[2])]
    classes = [
        f"{name}.{node.name}"
        for name, module in TREE.parsed.items()
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef) and BAD_CLASS.fullmatch(node.name)
    ]
    assert not modules + classes


def print_tables(packages: list[str]) -> None:
    """Print the tables of `packages` with every module as low as its imports allow."""
    for package in packages or packages_within():
        floors = source_tree.floors_of(TREE, f"chapterize.{package}")
        quoted = [f'"{names}"' for names in floors]
        line = f'    "{package}": ({", ".join(quoted)}{"," * (len(floors) == 1)}),'
        if len(line) > 100:
            rows = [f"        {names}," if len(names) < 91 else wrapped(names) for names in quoted]
            line = "\n".join([f'    "{package}": (', *rows, "    ),"])
        print(line)


def wrapped(names: str) -> str:
    """One string over several lines."""
    lines = textwrap.wrap(names.strip('"'), 84)
    rows = [f'            "{" " * (n > 0)}{line}"' for n, line in enumerate(lines)]
    return "\n".join(["        (", *rows, "        ),"])


if __name__ == "__main__":
    print_tables(sys.argv[1:])
