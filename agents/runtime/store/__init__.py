"""The customer's schema: a store on one connection, with one module of statements a table."""

from agents.runtime.store.activity import Activity
from agents.runtime.store.connection import Store, open_store
from agents.runtime.store.usage import ModelUsage

__all__ = ["Activity", "ModelUsage", "Store", "open_store"]
