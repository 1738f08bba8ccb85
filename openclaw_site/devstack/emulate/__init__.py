"""emulate (npm), which plays services of the web, and what the parts that stand before it have in common.

One process plays all of them: a second one would cost as much memory again, a second service nearly nothing.
"""

from .backend import Answer, Backend
from .front import FrontServer
from .process import Emulate

__all__ = ["Answer", "Backend", "Emulate", "FrontServer"]
