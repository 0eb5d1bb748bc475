"""Makes the addon installable with pip into the environment of an Odoo 19.

Odoo itself is no requirement here: PyPI has no distribution of that name. For development use
`addons_path` instead of an editable install, whose path hook Odoo does not follow.
"""

import ast
from pathlib import Path

from setuptools import find_packages, setup

NAME = "nka_key_accounts"
ADDON = Path(__file__).parent / NAME
PACKAGE = f"odoo.addons.{NAME}"
MANIFEST = ast.literal_eval((ADDON / "__manifest__.py").read_text(encoding="utf-8"))

setup(
    name=f"odoo-addon-{NAME.replace('_', '-')}",
    version=MANIFEST["version"],
    description=MANIFEST["summary"],
    author=MANIFEST["author"],
    license=MANIFEST["license"],
    python_requires=">=3.10",
    packages=[PACKAGE, *(f"{PACKAGE}.{name}" for name in find_packages(str(ADDON)))],
    package_dir={PACKAGE: NAME},
    # Every file, for Odoo reads them all by their path. Migration scripts lie in folders named
    # after versions, which are no packages.
    package_data={PACKAGE: ["**/*"]},
    exclude_package_data={"": ["*.pyc", "**/*.pyc"]},
    include_package_data=False,
    zip_safe=False,
    classifiers=[
        "Framework :: Odoo",
        "Framework :: Odoo :: 19.0",
        "Programming Language :: Python :: 3",
    ],
)
