"""Odoo's caches of templates, views and access rights, kept from test to test.

Odoo empties them after every test, and each test then reads and compiles the same again:
a fifth of the time of the suite.
"""

#: Key of an entry that is missing if a cache was cleared since it was added.
MARK = ("nka_key_accounts", "not cleared")


class KeptCaches:
    """The caches as of now, to return to once the database is rolled back to now.

    What is computed later is kept as well, unless something cleared that cache in
    between: Odoo clears a cache when the data it was computed from change, so the rest
    doesn't depend on what is rolled back.
    """

    def __init__(self, registry):
        self._caches = registry._Registry__caches
        self._marked = {name for name in self._caches if MARK in self._caches[name]}
        self._entries = {}
        for name, cache in self._caches.items():
            self._entries[name] = cache._values.copy()
            cache[MARK] = None

    def gather(self):
        """Keep what was added to the caches that weren't cleared."""
        for name, cache in self._caches.items():
            if MARK in cache:
                self._entries[name] = cache._values.copy()

    def put_back(self):
        """Fill the caches with what is kept."""
        for name, cache in self._caches.items():
            cache.clear()
            entries = self._entries[name]
            if name not in self._marked:
                entries.pop(MARK, None)
            cache._values.update(entries)
            cache._ordering.update(dict.fromkeys(entries))
