"""What the browser tests use."""

from tests.fixtures.fix_browser import browser
from tests.fixtures.fix_klogs import klogs
from tests.fixtures.fix_postgres import park
from tests.fixtures.fix_stack import stack

__all__ = ["browser", "klogs", "park", "stack"]
