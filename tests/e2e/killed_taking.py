"""As ``tests.e2e.killed``, with lots read two lines at a time: a few lines are then several messages."""

from cauce.intake import control
from tests.e2e import killed

if __name__ == "__main__":
    control.CHUNK = 2
    killed.main()
