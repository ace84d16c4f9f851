"""Which model stands where in another, by the names of fields."""

import typing

from pydantic import BaseModel


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
