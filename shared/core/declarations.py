"""Finds declarations of every kind by scanning for them; imports one only when it is asked for.

`of(KIND)` is the same for all kinds: a kind that is new is a `Kind` beside its type, and no line here.
"""

import re
from collections.abc import Iterator, Mapping
from copy import replace
from importlib import import_module
from os import scandir
from pathlib import Path
from typing import Any

from shared.core.errors import NotFound
from shared.core.kind import Kind

_ROOT = Path(__file__).resolve().parents[2]


class Declarations[T](Mapping[str, T]):
    """What there is of one kind, by id, sorted; ids are known without importing a declaration."""

    def __init__(self, kind: Kind[T]) -> None:
        """Scan for the files; ValueError if two of them have one id."""
        self.kind = kind
        self.files = _files(kind)
        self._read: dict[str, T] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)

    def __contains__(self, name: object) -> bool:
        return name in self.files

    def __getitem__(self, name: str) -> T:
        """Return the declaration, each read once; TypeError if its file declares something else."""
        if name not in self._read:
            module = self.files[name].relative_to(_ROOT).with_suffix("")
            found: Any = getattr(import_module(".".join(module.parts)), self.kind.attribute)
            if not isinstance(found, self.kind.of):
                raise TypeError(f"{module}: {self.kind.attribute} is no {self.kind.of.__name__}")
            self._read[name] = replace(found, **{self.kind.named: name})  # type: ignore[arg-type]
        return self._read[name]

    def asked_for(self, name: str) -> T:
        """Return the declaration that a caller names; NotFound if there is none."""
        if name not in self.files:
            # Callers know it by the noun of the code, `report` of `report_unknown`.
            noun = self.kind.unknown.removesuffix("_unknown")
            raise NotFound(self.kind.unknown, parameter=noun, value=name)
        return self[name]


def _files(kind: Kind[Any]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    package = _ROOT.joinpath(*kind.package.split("."))
    declares = rf"(?m)^{kind.attribute}\b.*="
    folders = (
        [folder.path for folder in scandir(package) if folder.is_dir()] if kind.areas else [package]
    )
    # Names as texts: to sort some hundred paths takes longer than to list their folders.
    for name, file in sorted(
        (file.name, file.path) for folder in folders for file in scandir(folder)
    ):
        stem, _, suffix = name.rpartition(".")
        if suffix != "py" or name.startswith("_"):
            continue
        if kind.among_others and re.search(declares, Path(file).read_text("utf-8")) is None:
            continue
        if stem in found:
            raise ValueError(f"two declarations below {kind.package} are called {stem}")
        found[stem] = Path(file)
    return {name: found[name] for name in sorted(found, key=lambda n: (n != kind.first, n))}


_FOUND: dict[Kind[Any], Declarations[Any]] = {}


def of[T](kind: Kind[T]) -> Declarations[T]:
    """Return the declarations of `kind`; the files are looked for once per process."""
    if kind not in _FOUND:
        _FOUND[kind] = Declarations(kind)
    return _FOUND[kind]
