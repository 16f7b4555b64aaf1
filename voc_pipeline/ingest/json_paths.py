"""Paths into JSON, as voc.toml writes them: ``results.turns``, ``words[].word``, ``channels[0].text``."""

from __future__ import annotations

import re

_STEP = re.compile(r"\[(?P<index>\d*)\]|\.?(?P<name>[^.\[\]]+)")


def follow(value: object, path: str) -> list[object]:
    """Give every value that a path leads to.

    Args:
        value: Parsed JSON.
        path: As `records.JSON_PATH` says: a name steps into an object, ``[0]`` to one item of a list, ``[]`` to every
            item; "" is the value itself.

    Returns:
        The values in order; none where the path leads nowhere.
    """
    found = [value]
    for step in _STEP.finditer(path):
        if step["name"] is not None:
            found = [one[step["name"]] for one in found if isinstance(one, dict) and step["name"] in one]
        elif step["index"]:
            at = int(step["index"])
            found = [one[at] for one in found if isinstance(one, list) and at < len(one)]
        else:
            found = [item for one in found if isinstance(one, list) for item in one]
    return found
