"""Strict YAML: every scalar stays text until its field converts it, and no key may appear twice."""

from pathlib import Path
from typing import Any

import yaml


class _StrictLoader(yaml.CBaseLoader):
    """CBaseLoader (`NO`, `007` and `12:30` stay as written) that refuses a repeated key."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                message = f"the key '{key.value}' appears twice"
                raise yaml.constructor.ConstructorError(None, None, message, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def read_yaml(path: Path) -> Any:
    """Content of one YAML file, all scalars text; raises ValueError naming file and line."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)  # noqa: S506 (CBaseLoader is safe)
    except yaml.YAMLError as error:
        problem = " ".join(str(error).split())
        raise ValueError(f"{path}: {problem}") from error
