"""Gets a machine ready: Odoo's tree, Python's packages, a private PostgreSQL cluster, the databases."""
