"""How many examples a property test takes."""

from hypothesis import settings


def examples(usual: int, deep: int) -> int:
    """As many as usual in ``make test``, and many more in ``make test-deep``, whose profile ``conftest.py`` has."""
    return deep if settings.get_current_profile_name() == "deep" else usual
