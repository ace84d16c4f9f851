"""As ``tests.e2e.killed``, with lots read two lines at a time: a few lines are then several messages."""

from cauce.intake import bulk
from tests.e2e import killed

if __name__ == "__main__":
    bulk.CHUNK = 2
    killed.main()
