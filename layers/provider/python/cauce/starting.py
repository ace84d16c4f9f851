"""Imported first by each function: while a container imports everything else, the garbage collector rests.

What is imported stays, so that there is nothing to collect; the collector would go through all of it again and again,
a sixth of the time. Afterwards it does not look at it any more.
"""

import gc

gc.disable()


def done() -> None:
    """Everything is imported: from here on there is garbage."""
    gc.freeze()
    gc.enable()
