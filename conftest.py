"""At the top, because pytest takes plugins from nowhere else."""

pytest_plugins = ["tests.local.fixtures"]
