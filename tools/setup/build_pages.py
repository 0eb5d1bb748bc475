"""Build the bundles that the web client loads, in an Odoo shell.

A browser test runs in a transaction that is rolled back, so each would build them
again.
"""

# Bundle, and whether to build its styles and its scripts.
BUNDLES = (
    ("web.assets_web", True, True),
    ("web.assets_web_print", True, False),
    ("web.assets_tests", False, True),
)

for name, styles, scripts in BUNDLES:
    bundle = env["ir.qweb"]._get_asset_bundle(name, css=styles, js=scripts)  # noqa: F821
    if styles:
        bundle.css()
    if scripts:
        bundle.js()
env.cr.commit()  # noqa: F821
