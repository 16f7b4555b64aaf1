"""Reads products.yml: the names of products and vendors, which are never pseudonymised."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from voc_pipeline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_KEYS = ("products", "vendors")
_ACCEPTED = "Accepted: a list of names, or a mapping with the lists 'products' and 'vendors'"


def load_keep_list(products: Path, extra: Sequence[str] = ()) -> tuple[str, ...]:
    """Read the names that are never replaced.

    Args:
        products: The study's products.yml: a list of names, or ``{products: [...], vendors: [...]}``. It may be
            missing.
        extra: Further names, e.g. from voc.toml.

    Returns:
        All names without duplicates, sorted, so that the order in which they were written changes nothing.

    Raises:
        ConfigError: The file can't be read, is not YAML or has another shape.
    """
    names = [*_read(products), *(name.strip() for name in extra)]
    return tuple(sorted({name for name in names if name}))


def _read(path: Path) -> list[str]:
    where = str(path)
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return []
    except UnicodeDecodeError:
        raise ConfigError("the file is not UTF-8", where=where, hint="Save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(
            f"the file can't be read: {error.strerror}", where=where, hint="Check its permissions"
        ) from None
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{where}, line {mark.line + 1}" if mark else where
        raise ConfigError("this is not YAML", where=place, hint=_ACCEPTED) from None
    if data is None:
        return []
    if isinstance(data, list):
        return _names(data, where)
    if not isinstance(data, dict):
        raise ConfigError(f"a {type(data).__name__} stands where names should", where=where, hint=_ACCEPTED)
    if unknown := [str(key) for key in data if key not in _KEYS]:
        raise ConfigError(f"unknown key {unknown[0]!r}", where=where, hint=_ACCEPTED)
    return [name for key, value in data.items() for name in _names(value, f"{where}, {key}")]


def _names(value: object, where: str) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise ConfigError(f"a {type(value).__name__} stands where a list should", where=where, hint=_ACCEPTED)
    for number, name in enumerate(value, start=1):
        if not isinstance(name, (str, int)) or isinstance(name, bool):
            raise ConfigError(
                f"entry {number} is a {type(name).__name__}, not a name",
                where=where,
                hint="Put a name that YAML takes for something else in quotes",
            )
    return [str(name).strip() for name in value]
