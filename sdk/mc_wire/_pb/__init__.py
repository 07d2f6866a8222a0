"""Generated code, and what keeps its import lean: import this package before anything of google.protobuf."""

import sys
from types import ModuleType

from google.protobuf.internal import api_implementation

# descriptor_pool imports the whole of the pure Python implementation, which the compiled one never calls: 4 ms of a
# plugin's start, more than all our own messages take.
if api_implementation.Type() == "upb":
    sys.modules.setdefault("google.protobuf.internal.python_message", ModuleType("python_message"))
