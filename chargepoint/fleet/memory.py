"""How a process full of stations treats its memory."""

import gc

YOUNG = 50_000
"""Objects that are new before the collector looks at them; by default 700, of which a station alone makes a hundred that stay."""


def steady_memory() -> None:
    """Have the collector of cycles look less often, and never at what is there already: stations live as long as their process."""
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)
