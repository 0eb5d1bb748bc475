"""Kinds of public methods and of routes in the access map."""

from typing import NamedTuple


class Kind(NamedTuple):
    """A kind of public method: what readers of the record and others get, and why."""

    readers: str
    others: str
    why: str


class RouteKind(NamedTuple):
    """A kind of route: whether it is tried, what it returns, and patterns of paths."""

    name: str
    tried: bool
    why: str
    patterns: str


KINDS = {
    "structure": Kind(
        "allowed", "allowed", "fields, views and texts of the program, no record"
    ),
    "reads": Kind(
        "counted",
        "refused",
        "counted where the table of rows says so, else allowed; others find nothing",
    ),
    "finds": Kind("allowed", "refused", "ids and numbers, no content"),
    "exports": Kind(
        "recorded", "refused", "supervisors and the administrator, on record"
    ),
    "changes": Kind(
        "allowed",
        "refused",
        "by the rules; guarded fields and frozen records are refused to readers too",
    ),
    "speaks": Kind(
        "allowed", "refused", "in one's own name and of now, about what one reads"
    ),
    "takes in": Kind(
        "refused", "refused", "mails are taken in by the server and by administrators"
    ),
    "follows": Kind("allowed", "refused", "who follows gets the messages"),
    "reminds": Kind("allowed", "refused", "activities of records one reads"),
    "opens": Kind(
        "allowed", "allowed", "a window for the screen; what it shows is read then"
    ),
    "steps": Kind("allowed", "refused", "Odoo's steps meet our gates in create, write"),
    "shares": Kind("allowed", "refused", "a link with a token to somebody outside"),
    "answers": Kind("allowed", "refused", "for oneself, to an invitation"),
    "outside": Kind("allowed", "allowed", "asks a service outside; never tried here"),
    "oneself": Kind("allowed", "allowed", "the login of whoever calls"),
    "tells little": Kind("allowed", "allowed", "keys, texts or numbers of no record"),
}
