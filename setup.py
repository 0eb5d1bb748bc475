"""Makes the addons installable with pip into the environment of an Odoo 19.

One distribution has all of them: those beside the first one install themselves in
databases that have the apps they need.

Odoo itself is no requirement here: PyPI has no distribution of that name. For development use
`addons_path` instead of an editable install, whose path hook Odoo does not follow.
"""

import ast
from pathlib import Path

from setuptools import find_packages, setup

FOLDER = Path(__file__).parent
NAME = "nka_key_accounts"
ADDONS = {f"odoo.addons.{name}": name for name in (NAME, f"{NAME}_recruitment")}
MANIFEST = ast.literal_eval(
    (FOLDER / NAME / "__manifest__.py").read_text(encoding="utf-8")
)

setup(
    name=f"odoo-addon-{NAME.replace('_', '-')}",
    version=MANIFEST["version"],
    description=MANIFEST["summary"],
    author=MANIFEST["author"],
    license=MANIFEST["license"],
    python_requires=">=3.10",
    packages=[
        *ADDONS,
        *(
            f"{package}.{inside}"
            for package, name in ADDONS.items()
            for inside in find_packages(str(FOLDER / name))
        ),
    ],
    package_dir=ADDONS,
    # Every file, for Odoo reads them all by their path. Migration scripts lie in folders named
    # after versions, which are no packages.
    package_data={package: ["**/*"] for package in ADDONS},
    exclude_package_data={"": ["*.pyc", "**/*.pyc"]},
    include_package_data=False,
    zip_safe=False,
    classifiers=[
        "Framework :: Odoo",
        "Framework :: Odoo :: 19.0",
        "Programming Language :: Python :: 3",
    ],
)
