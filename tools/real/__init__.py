"""Loader of a folder of real sales (CSV) into an Odoo database.

``cells``, ``dirt``, ``records``, ``rows``, ``csv_source`` and ``ranking`` are plain
Python; the other modules take an Odoo environment. ``run`` is the command.
"""
