"""All actions, in the order of the table."""

from . import contacts, deals, office, sales
from .hand import ACTIONS, Hand

__all__ = ["ACTIONS", "Hand", "contacts", "deals", "office", "sales"]
