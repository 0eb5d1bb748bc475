"""Scripts that `make demo` runs in Odoo once the addon is installed."""
