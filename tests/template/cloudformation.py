"""Reads template.yaml as data: short forms (!Ref, !Sub…) become the long ones."""

from typing import Any

import yaml

from tests.local.engine import ROOT


class _Loader(yaml.SafeLoader):
    pass


def _function(loader: yaml.Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]
    if suffix == "Ref":
        return {"Ref": value}
    return {f"Fn::{suffix}": value.split(".", 1) if suffix == "GetAtt" else value}


_Loader.add_multi_constructor("!", _function)


def template() -> dict[str, Any]:
    """template.yaml, its short forms spelt out."""
    return yaml.load((ROOT / "template.yaml").read_text(), Loader=_Loader)  # noqa: S506


def of_type(resources: dict[str, Any], kind: str) -> dict[str, Any]:
    """Logical id → properties, of one type of resource."""
    return {name: each["Properties"] for name, each in resources.items() if each["Type"] == kind}


def statements(resources: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """(logical id, statement) of every policy a function's role carries."""
    found = []
    for name, policy in of_type(resources, "AWS::IAM::ManagedPolicy").items():
        found += [(name, statement) for statement in policy["PolicyDocument"]["Statement"]]
    for name, role in of_type(resources, "AWS::IAM::Role").items():
        for policy in role.get("Policies", []):
            found += [(name, statement) for statement in policy["PolicyDocument"]["Statement"]]
    return found


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
