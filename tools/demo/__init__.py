"""What `make demo` does inside Odoo once the addon is installed."""
