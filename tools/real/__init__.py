"""Load a folder of real sales (CSV) into an Odoo database.

`source` reads it without Odoo; `loader` and `work` need an environment.
"""
