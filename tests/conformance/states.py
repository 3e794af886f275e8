"""The reusable states of the certification documents, reached by a driver's and an operator's actions on a bench.

Each function brings the bench into its state, asserting the messages on the way as the document does, and leaves nothing unexpected behind.
"""

from typing import NoReturn

import pytest


def not_applicable(reason: str) -> NoReturn:
    """The case cannot apply to this station; `reason` in the terms of the case's prerequisites."""
    pytest.skip(f"not applicable: {reason}")
