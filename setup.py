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
DATA_FOLDERS = (
    "data",
    "demo",
    "i18n",
    "migrations",
    "readme",
    "report",
    "security",
    "static",
    "views",
    "wizards",
    "models",
)
DATA_SUFFIXES = (
    "css",
    "csv",
    "gif",
    "html",
    "ico",
    "jpg",
    "js",
    "json",
    "md",
    "mp3",
    "pdf",
    "png",
    "po",
    "pot",
    "py",
    "rst",
)
DATA_SUFFIXES += (
    "scss",
    "sql",
    "svg",
    "ttf",
    "txt",
    "webp",
    "woff",
    "woff2",
    "xlsx",
    "xml",
    "zip",
)


def packages():
    """The addon and every Python package inside it, under Odoo's name."""
    return [PACKAGE, *(f"{PACKAGE}.{name}" for name in find_packages(str(ADDON)))]


def data_files():
    """Globs of every file that is not part of a Python package.

    Migration scripts lie in folders named after versions, which are no packages.
    """
    return [
        f"{folder}/**/*.{suffix}" for folder in DATA_FOLDERS for suffix in DATA_SUFFIXES
    ]


setup(
    name=f"odoo-addon-{NAME.replace('_', '-')}",
    version=MANIFEST["version"],
    description=MANIFEST["summary"],
    author=MANIFEST["author"],
    license=MANIFEST["license"],
    python_requires=">=3.10",
    packages=packages(),
    package_dir={PACKAGE: NAME},
    package_data={PACKAGE: data_files()},
    include_package_data=False,
    zip_safe=False,
    classifiers=[
        "Framework :: Odoo",
        "Framework :: Odoo :: 19.0",
        "Programming Language :: Python :: 3",
    ],
)
