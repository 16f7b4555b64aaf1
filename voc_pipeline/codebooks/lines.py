"""YAML whose mappings know the lines of their keys. Nothing but plain data is ever built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from voc_pipeline.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


class Lined(dict[str, Any]):
    """A mapping with the line it starts on, and the line of each key; lines count from 1."""

    def __init__(self, line: int = 1) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}


class _DuplicateKeyError(Exception):
    pass


class _Loader(yaml.SafeLoader):
    """The safe loader, with lines; a key that stands twice is an error, not a silent choice.

    Of plain words only yes, no and nothing have a meaning of their own: 3.10, 12:30 and 2026-02-30 stay as written.
    """


def _mapping(loader: _Loader, node: yaml.MappingNode) -> Lined:
    made = Lined(node.start_mark.line + 1)
    for key_node, value_node in node.value:
        key = str(loader.construct_object(key_node, deep=True))
        line = key_node.start_mark.line + 1
        if key in made:
            raise _DuplicateKeyError(key, line)
        made[key] = loader.construct_object(value_node, deep=True)
        made.lines[key] = line
    return made


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if tag.rpartition(":")[2] in {"bool", "null", "merge"}]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def load_lined(raw: bytes, path: Path) -> object:
    """Read one YAML document in UTF-8.

    Raises:
        ConfigError: It isn't YAML in UTF-8, or a key stands twice in one mapping; with the line.
    """
    try:
        loader = _Loader(raw.decode("utf-8-sig"))
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except _DuplicateKeyError as error:
        key, line = error.args
        raise ConfigError(
            f"the key {key!r} stands twice in one mapping", where=f"{path}, line {line}", hint="Remove or rename one"
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise ConfigError("this is not YAML in UTF-8", where=f"{path}{line}", hint="Mend the line") from None
