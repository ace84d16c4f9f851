"""What the declarations of models say: which model stands where in another, and which fields have a mark; and values
made of what was checked already.
"""

import typing
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import repeat

from pydantic import BaseModel

M = typing.TypeVar("M")
B = typing.TypeVar("B", bound=BaseModel)

Fields = dict[str, object]
"""A value's fields by their names."""

# What an instance of a model consists of, set past the guard that keeps frozen values as they are.
_SET_VALUES, _SET_NAMES, _SET_EXTRA, _SET_PRIVATE = (
    vars(BaseModel)[slot].__set__
    for slot in ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")
)


def trusted(model: type[B], said: Mapping[str, object]) -> B:
    """The value that validation would make of these fields, without validation: each is valid, and of its field's own
    type. A field that is left out has its default; only one that has a default may be left out.

    Some thirty times as fast as validation. All its fields count as set, which nothing here asks.
    """
    value: B = maker(model)(said)
    return value


@cache
def maker(model: type[B]) -> Callable[[Mapping[str, object]], B]:
    """``trusted`` for one model."""
    defaults, names, new = blank(model), _names(model), object.__new__

    def made(said: Mapping[str, object]) -> B:
        value = new(model)
        _SET_VALUES(value, {**defaults, **said})
        _SET_NAMES(value, names)
        _SET_EXTRA(value, None)
        _SET_PRIVATE(value, None)
        return value

    return made


def changed(value: B, update: Mapping[str, object]) -> B:
    """``value.model_copy(update=update)``, in a third of its time, for a model without extra or private fields."""
    made = object.__new__(type(value))
    _SET_VALUES(made, {**vars(value), **update})
    _SET_NAMES(made, value.__pydantic_fields_set__ | update.keys())
    _SET_EXTRA(made, None)
    _SET_PRIVATE(made, None)
    return made


def trusted_all(model: type[B], filled: Sequence[Fields]) -> list[B]:
    """``trusted`` for many, each a ``blank`` that was filled in: together they take half as long as one by one."""
    made = list(map(object.__new__, repeat(model, len(filled))))
    for set_each, values in (
        (_SET_VALUES, filled),
        (_SET_NAMES, repeat(_names(model))),
        (_SET_EXTRA, repeat(None)),
        (_SET_PRIVATE, repeat(None)),
    ):
        deque(map(set_each, made, values), maxlen=0)
    return made


def blank(model: type[BaseModel]) -> Fields:
    """Every field of a model in its order, which is that of a value's dump: with its default, or else ``None``."""
    fields = model.model_fields
    assert not any(field.default_factory for field in fields.values()) and not model.__private_attributes__
    return {name: None if field.is_required() else field.default for name, field in fields.items()}


@cache
def _names(model: type[BaseModel]) -> set[str]:
    """Shared by all values of a model: a copy of a value copies its own names before it adds to them."""
    return set(model.model_fields)


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
