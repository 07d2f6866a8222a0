"""What the tests of the whole line use."""

from tests.fixtures.fix_postgres import park
from tests.fixtures.fix_stack import own_stack, stack

__all__ = ["own_stack", "park", "stack"]
