"""Finds interchangeable parts through entry points; the shipped parts register the same way as anyone's."""

from __future__ import annotations

import difflib
import functools
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Literal

from voc_pipeline.errors import ConfigError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

Group = Literal[
    "readers", "exporters", "encoders", "speech_encoders", "theme_coders", "sentiment_engines", "topic_models",
]  # fmt: skip
GROUPS: tuple[Group, ...] = (
    "readers", "exporters", "encoders", "speech_encoders", "theme_coders", "sentiment_engines", "topic_models",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plugin:
    """A registered part: its name, the distribution that brings it, and the way to load it."""

    name: str
    group: Group
    origin: str
    entry_point: EntryPoint

    def load(self) -> Any:  # noqa: ANN401 (callers know the group's protocol)
        """Import the part and return what its entry point names: a class or factory."""
        return self.entry_point.load()


@functools.cache  # what is installed does not change under a running process
def plugins(group: Group) -> tuple[Plugin, ...]:
    """List the registered parts of a group, by name; our own come first where names tie.

    An interrupted install leaves a distribution twice: what names the same object under the same name counts once.
    """
    entries = {(entry.name, entry.value): entry for entry in entry_points(group=f"voc_pipeline.{group}")}
    found = [
        Plugin(entry.name, group, f"{entry.dist.name} {entry.dist.version}" if entry.dist else "unknown", entry)
        for entry in entries.values()
    ]
    return tuple(sorted(found, key=lambda plugin: (plugin.name, not plugin.origin.startswith("voc-pipeline "))))


def plugin(group: Group, name: str) -> Plugin:
    """Find one part by name.

    Raises:
        ConfigError: No such part; names the registered ones and the nearest.
    """
    parts = plugins(group)
    for part in parts:
        if part.name == name:
            return part
    names = [part.name for part in parts]
    nearest = difflib.get_close_matches(name, names, n=1)
    guess = f"Did you mean {nearest[0]!r}? " if nearest else ""
    raise ConfigError(f"no {group} part is called {name!r}", hint=f"{guess}Registered: {', '.join(names) or 'none'}")
