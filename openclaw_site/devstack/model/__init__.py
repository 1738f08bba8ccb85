"""The stub model: it speaks Anthropic's Messages API, on Bedrock's path too, and does the agents' work by rule.

What differs from the real one: answers come from fixed rules on the mail's text, tokens are a quarter of the bytes,
and thinking, images and the service's own tools are not there.
"""

from .misbehaviour import Misbehaviour, Order, Script
from .service import MODEL_ID, Model

__all__ = ["MODEL_ID", "Misbehaviour", "Model", "Order", "Script"]
