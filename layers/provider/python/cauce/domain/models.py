"""What the declarations of models say: which model stands where in another, and which fields have a mark."""

import typing

from pydantic import BaseModel

M = typing.TypeVar("M")


def model_at(root: type[BaseModel], path: tuple[int | str, ...]) -> type[BaseModel] | None:
    """The model that stands at a path, positions in lists skipped."""
    model: type[BaseModel] | None = root
    for step in path:
        if isinstance(step, str) and model is not None:
            field = model.model_fields.get(step)
            model = model_in(field.annotation) if field else None
    return model


def model_in(annotation: object) -> type[BaseModel] | None:
    """The model inside ``Model | None`` or ``tuple[Model, ...]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in typing.get_args(annotation) if (found := model_in(inner))), None)


def marked(model: type[BaseModel], mark: type[M]) -> dict[str, M]:
    """The fields of a model whose declarations have a mark of this type, in their order, with the mark."""
    found = ((name, each) for name, field in model.model_fields.items() for each in field.metadata)
    return {name: each for name, each in found if isinstance(each, mark)}
