"""Read the imports of a package from its source, and find those that break a rule.

Every rule takes a `SourceTree`, so that it can be tried on planted source, and returns one line for
each offence, such as ``chapterize.media.probe:12 imports chapterize.pipeline``.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

Floors = Sequence[str]
"""From the lowest floor up; the names on one floor are separated by spaces."""

FRONT = "__init__"
"""What stands for the package's own front among the names on floors."""

DYNAMIC = frozenset(
    (
        *("__import__", "import_module", "exec_module", "load_module", "spec_from_file_location"),
        *("run_module", "run_path", "walk_packages", "iter_modules"),
    )
)


@dataclass(frozen=True)
class Import:
    """One name that a statement imports.

    Attributes
    ----------
    module : dotted name of what is imported; a module of the package wherever it is one.
    name : the name taken out of `module`; empty when the module itself is imported.
    is_eager : whether it runs when the importing module is imported.
    bound : the name it has in the importing module; ``import a.b`` without ``as`` binds ``a``.
    """

    module: str
    name: str
    line: int
    is_eager: bool
    bound: str


@dataclass(frozen=True)
class SourceTree:
    """The modules of a package.

    Attributes
    ----------
    sources : the text of every module by its dotted name.
    packages : those among them that have modules of their own.
    """

    root: str
    sources: Mapping[str, str]
    packages: frozenset[str]

    @classmethod
    def read(cls, folder: Path) -> SourceTree:
        """The package in `folder`."""
        sources, packages = {}, set()
        for path in sorted(folder.rglob("*.py")):
            parts = [folder.name, *path.relative_to(folder).with_suffix("").parts]
            if parts[-1] == FRONT:
                parts.pop()
                packages.add(".".join(parts))
            sources[".".join(parts)] = path.read_text(encoding="utf-8")
        return cls(folder.name, sources, frozenset(packages))

    @classmethod
    def planted(cls, **sources: str) -> SourceTree:
        """A made-up package: ``planted(media__probe="import av")``."""
        texts = {"chapterize": ""}
        for key, text in sources.items():
            name = f"chapterize.{key.replace('__', '.')}" if key != FRONT else "chapterize"
            texts[name] = text
            parents = name.split(".")[:-1]
            texts |= {
                parent: texts.get(parent, "")
                for n in range(1, len(parents) + 1)
                if (parent := ".".join(parents[:n]))
            }
        packages = frozenset(
            name for name in texts if any(other.startswith(f"{name}.") for other in texts)
        )
        return cls("chapterize", texts, packages)

    @cached_property
    def parsed(self) -> dict[str, ast.Module]:
        """The syntax tree of every module."""
        return {name: ast.parse(text, filename=name) for name, text in self.sources.items()}

    @cached_property
    def imports(self) -> dict[str, tuple[Import, ...]]:
        """All that every module imports, wherever the statement is."""
        return {name: tuple(self._imports_of(name)) for name in self.sources}

    def own(self, importer: str) -> Iterator[Import]:
        """The imports of a module that name the package itself or something in it."""
        for each in self.imports[importer]:
            if each.module.split(".")[0] == self.root:
                yield each

    def room(self, module: str) -> str:
        """The part of the package a module belongs to: the name below the root."""
        parts = module.split(".")
        return parts[1] if len(parts) > 1 else FRONT

    def _imports_of(self, importer: str) -> Iterator[Import]:
        eager = {id(node) for node in loaded_at_import(self.parsed[importer].body)}
        for node in ast.walk(self.parsed[importer]):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    bound = alias.asname or alias.name.split(".")[0]
                    yield Import(alias.name, "", node.lineno, id(node) in eager, bound)
            elif isinstance(node, ast.ImportFrom):
                base = self._base(node, importer)
                for alias in node.names:
                    deeper = f"{base}.{alias.name}"
                    is_module = deeper in self.sources
                    yield Import(
                        deeper if is_module else base,
                        "" if is_module else alias.name,
                        node.lineno,
                        id(node) in eager,
                        alias.asname or alias.name,
                    )

    def _base(self, node: ast.ImportFrom, importer: str) -> str:
        if not node.level:
            return node.module or ""
        parents = importer.split(".")
        n_up = node.level - (importer in self.packages)
        return ".".join([*parents[: len(parents) - n_up], *filter(None, [node.module])])


def loaded_at_import(body: Sequence[ast.AST]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Import statements that run when the module is imported."""
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            yield from loaded_at_import(node.orelse)
        else:
            for field in ("body", "orelse", "finalbody", "handlers", "cases"):
                inner = getattr(node, field, [])
                yield from loaded_at_import(inner if isinstance(inner, list) else [])


def numbered(floors: Floors) -> dict[str, int]:
    """The floor of every name, counted from the lowest."""
    return {name: number for number, names in enumerate(floors) for name in names.split()}


def upward(tree: SourceTree, floors: Floors, open_to_siblings: Collection[str]) -> list[str]:
    """Imports of a part of the package that is not on a lower floor.

    The parts `open_to_siblings` serve their own floor too. Parts without a floor are passed over.
    """
    floor = numbered(floors)
    found = []
    for importer in tree.sources:
        here = tree.room(importer)
        for each in tree.own(importer):
            there = tree.room(each.module)
            if here == there or here not in floor or there not in floor:
                continue
            is_open = there in open_to_siblings and floor[there] == floor[here]
            if floor[there] >= floor[here] and not is_open:
                found.append(f"{importer}:{each.line} imports {each.module}")
    return found


def plain(tree: SourceTree) -> list[str]:
    """``import chapterize`` and ``import chapterize.a``: they bind the whole package."""
    return [
        f"{importer}:{each.line} imports {each.module} without naming what it takes"
        for importer in tree.sources
        for each in tree.own(importer)
        if not each.name and (each.bound == tree.root or each.module == tree.root)
    ]


def child(package: str, module: str) -> str:
    """The name directly below `package` to which `module` belongs."""
    return module.removeprefix(package).lstrip(".").split(".")[0] or FRONT


def neighbours(tree: SourceTree, package: str) -> dict[str, set[str]]:
    """For every name directly below `package`, the others there that it imports."""
    known: dict[str, set[str]] = {}
    for importer in tree.sources:
        if f"{importer}.".startswith(f"{package}."):
            here = known.setdefault(child(package, importer), set())
            inside = [
                e.module for e in tree.own(importer) if f"{e.module}.".startswith(f"{package}.")
            ]
            here |= {child(package, module) for module in inside}
            here.discard(child(package, importer))
    return known


def upward_within(tree: SourceTree, package: str, floors: Floors) -> list[str]:
    """Imports inside `package` of a neighbour that is not on a lower floor.

    Its front (``__init__``) is above all floors.
    """
    floor = {**numbered(floors), FRONT: len(floors)}
    return [
        f"{package}.{here} imports {package}.{there}"
        for here, others in sorted(neighbours(tree, package).items())
        for there in sorted(others)
        if here in floor and there in floor and floor[there] >= floor[here]
    ]


def floors_of(tree: SourceTree, package: str) -> list[str]:
    """The lowest floor each name below `package` can have, for a table."""
    known = neighbours(tree, package)
    floor: dict[str, int] = {}

    def settle(name: str, above: tuple[str, ...]) -> int:
        if name not in floor:
            below = [settle(o, (*above, name)) for o in known[name] if o not in (*above, FRONT)]
            floor[name] = max(below, default=-1) + 1
        return floor[name]

    names = sorted(set(known) - {FRONT})
    for name in names:
        settle(name, (name,))
    n_floors = max(floor.values(), default=-1) + 1
    return [" ".join(n for n in names if floor[n] == number) for number in range(n_floors)]


def eager(tree: SourceTree, light: Collection[str]) -> list[str]:
    """Third-party packages, but for the `light` ones, that are imported together with a module."""
    fine = {tree.root, *light, *sys.stdlib_module_names}
    return [
        f"{importer}:{each.line} imports {each.module}"
        for importer in tree.sources
        for each in tree.imports[importer]
        if each.is_eager and each.module.split(".")[0] not in fine
    ]


def through_other_doors(tree: SourceTree, doors: Mapping[str, Sequence[str]]) -> list[str]:
    """Uses of a package in `doors` outside the modules and packages that may use it."""

    def is_allowed(importer: str, door: str) -> bool:
        return any(f"{importer}.".startswith(f"{place}.") for place in doors[door])

    found = []
    for importer in tree.sources:
        used = [(each.line, f"{each.module}.{each.name}") for each in tree.imports[importer]]
        used += [
            (node.lineno, f"{node.value.id}.{node.attr}")
            for node in ast.walk(tree.parsed[importer])
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
            if node.value.id in {door.split(".")[0] for door in doors if "." in door}
        ]
        for line, name in used:
            door = next((d for d in doors if f"{name}.".startswith(f"{d}.")), None)
            if door and not is_allowed(importer, door):
                found.append(f"{importer}:{line} uses {door}")
    return found


def by_name(tree: SourceTree, allowed: Collection[str]) -> list[str]:
    """Imports of a module by its name as text, which no other rule could see."""
    found = []
    for importer, module in tree.parsed.items():
        for node in ast.walk(module):
            names = {getattr(node, "id", ""), getattr(node, "attr", "")}
            names |= {alias.name for alias in getattr(node, "names", []) if hasattr(alias, "name")}
            is_loaded = isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.modules"
            is_run = isinstance(node, ast.Call) and ast.unparse(node.func) in ("exec", "eval")
            if (names & DYNAMIC or is_loaded or is_run) and importer not in allowed:
                found.append(f"{importer}:{getattr(node, 'lineno', 0)} imports a module by name")
    return found


def private(tree: SourceTree) -> list[str]:
    """Names with a leading underscore that are taken from another module."""

    def is_private(name: str) -> bool:
        return name.startswith("_") and not name.endswith("__")

    found = []
    for importer in tree.sources:
        modules = {}
        for each in tree.own(importer):
            parts = [*each.module.split("."), *filter(None, [each.name])]
            for n, part in enumerate(parts):
                home = ".".join(parts[:n])
                if is_private(part) and not f"{importer}.".startswith(f"{home}."):
                    found.append(f"{importer}:{each.line} imports {home}.{part}")
            if not each.name:
                modules[each.bound] = each.module
        found += [
            f"{importer}:{node.lineno} uses {modules[node.value.id]}.{node.attr}"
            for node in ast.walk(tree.parsed[importer])
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
            if node.value.id in modules and is_private(node.attr)
        ]
    return found


def circles(tree: SourceTree) -> list[str]:
    """Modules that import each other, also by imports inside functions or for types alone."""
    edges = {
        name: sorted({e.module for e in tree.own(name) if e.module in tree.sources} - {name})
        for name in tree.sources
    }
    found: list[str] = []
    cleared: set[str] = set()

    def walk(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            found.append(" → ".join((*path[path.index(name) :], name)))
        elif name not in cleared:
            for target in edges[name]:
                walk(target, (*path, name))
            cleared.add(name)

    for name in tree.sources:
        walk(name, ())
    return found
