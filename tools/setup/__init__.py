"""Prepare a machine: Odoo's tree, Python packages, PostgreSQL and databases."""
