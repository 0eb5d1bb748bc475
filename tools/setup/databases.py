"""The databases: templates with the dependencies, and databases with the addon.

Each is created again when its sources change. The addons beside the first one need more
apps; databases with these are only created for the commands that use them.

`click-odoo-initdb` (click-odoo-contrib 1.24) also caches databases by a hash of their
addons and supports Odoo 19. It isn't used because it does less and takes longer here:

- its cache holds whole installations without a layer for the dependencies: after any
  change of the addon it reinstalls everything in 54 s, whereas the addon on a copied
  template takes 15 s;
- detecting an unchanged database takes 5 s, because it starts Odoo to hash the files of
  all dependencies;
- `--demo` also loads the demo data of 76 other addons, which hide the addon's own
  (see `with_demo` below);
- it loads no languages, and its hash ignores languages and the date.
"""

import ast
import contextlib
import os
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from . import pdf
from .odoo import (
    odoo_shell,
    odoo_watched,
    payroll_version,
    virtual_environment,
    write_configuration,
)
from .odoo_tree import OdooTree, odoo_tree
from .places import (
    ADDON,
    ADDON_NAME,
    ADDONS,
    BESIDE,
    CLONE,
    FILES,
    Problem,
    digest_of,
    digest_of_files,
    ready,
)
from .postgres import Cluster
from .terminal import say

LANGUAGES = ("ru_RU",)
DEPENDENCIES = "deps"
APPS = "apps"
BUILD_PAGES = Path(__file__).with_name("build_pages.py")
SPEAKS = """
    UPDATE res_partner SET lang = '{}'
      FROM res_users WHERE partner_id = res_partner.id AND login = 'admin'"""
# The bundles that a copied database already built lack the styles and scripts of apps
# installed in it later.
OLD_PAGES = "DELETE FROM ir_attachment WHERE url LIKE '/web/assets/%'"
WITHOUT_DEMO = f"""
    SELECT name FROM ir_module_module
     WHERE name IN ('{"', '".join(addon.name for addon in ADDONS)}') AND NOT demo"""
ONCE = ("--stop-after-init", "--no-http", "--log-level=info")
# Increase it when the way a database is created changes, so that older ones aren't
# reused.
RECIPE = 1


class Databases:
    """The databases of one cluster.

    The methods that create a database return the name of one that is up to date.
    """

    def __init__(self, cluster, tree):
        self.cluster = cluster
        self.tree = tree

    def dependencies(self):
        """Return a database with the dependencies and languages, without the addon."""
        depends = manifest_of(ADDON)["depends"]
        made_of = (self.tree.identity, payroll_version(), sorted(depends), LANGUAGES)
        wanted = digest_of(RECIPE, *made_of)
        if not self.is_current(DEPENDENCIES, wanted):
            making = self._making(DEPENDENCIES)
            label, modules = "installing what the addon depends on", ",".join(depends)
            odoo_watched(self.cluster, label, "-d", making, "-i", modules, *ONCE)
            words = ("i18n", "loadlang", "-d", making, "-l", *LANGUAGES)
            odoo_watched(self.cluster, "loading languages", *words)
            self.finish(making, DEPENDENCIES, wanted)
        return DEPENDENCIES

    def apps(self):
        """Return a database with the dependencies of all addons, without the addons."""
        wanted = digest_of(self.digest(self.dependencies()), further_apps())
        if not self.is_current(APPS, wanted):
            making = self.clone(DEPENDENCIES, f"{APPS}_making")
            label = "installing what the addons beside it depend on"
            self._install(making, label, modules=further_apps())
            self.finish(making, APPS, wanted)
        return APPS

    def with_addon(self, name):
        """Return a database with the addon, without demo data.

        The tests and the loader of real data use it.
        """
        wanted = digest_of(self.digest(self.dependencies()), digest_of_files(ADDON))
        if not self.is_current(name, wanted):
            making = self.clone(DEPENDENCIES, f"{name}_making")
            log = self._install(making, f"installing the addon for {name}")
            shutil.copy(log, log.with_name(f"{name}-install.log"))
            self.finish(making, name, wanted)
        return name

    def with_all(self, name, template):
        """Return a copy of a database with the addon that has the further apps, too.

        The addons beside the first one install themselves with the last of these apps.
        """
        wanted = digest_of(
            self.digest(template), further_apps(), digest_of_files(*BESIDE)
        )
        if not self.is_current(name, wanted):
            making = self.clone(template, f"{name}_making")
            self.cluster.sql(OLD_PAGES, making)
            label = f"installing further apps for {name}"
            log = self._install(making, label, modules=further_apps())
            shutil.copy(log, log.with_name(f"{name}-install.log"))
            self.finish(making, name, wanted)
        return name

    def with_demo(self, language="en_US"):
        """Return a database with all addons and their demo data in a language.

        The dates of the demo data are relative to the day on which it was created.
        """
        name = "demo" if language == "en_US" else f"demo_{language.lower()}"
        sources = digest_of_files(*ADDONS, CLONE / "tools" / "demo")
        wanted = digest_of(self.digest(self.apps()), sources, date.today())
        if not self.is_current(name, wanted):
            making = self.clone(APPS, f"{name}_making")
            # Odoo loads an addon's demo data only if its dependencies have theirs; this
            # addon brings its own company.
            demo = "UPDATE ir_module_module SET demo = true WHERE state = 'installed'"
            self.cluster.sql(demo, making)
            # The demo company speaks the language of its administrator.
            self.cluster.sql(SPEAKS.format(language), making)
            label = "installing the addons with demo data"
            log = self._install(making, label, "--with-demo")
            # Odoo goes on without demo data that fails.
            if lost := list(self.cluster.sql(WITHOUT_DEMO, making)):
                raise Problem(f"The demo data of {', '.join(lost)} failed: see {log}.")
            self.finish(making, name, wanted)
        return name

    def _install(self, database, label, *options, modules=(ADDON_NAME,)):
        words = ("-d", database, "-i", ",".join(modules), *options, *ONCE)
        return odoo_watched(self.cluster, label, *words)

    def with_pages(self, name):
        """Build the web client's bundles for browser tests; return the database."""
        built = "SELECT 1 FROM ir_attachment WHERE url LIKE '/web/assets/%/web.assets_web.min.js' LIMIT 1"
        if not self.cluster.sql(built, name):
            say(f"building the web client for {name}")
            odoo_shell(self.cluster, name, BUILD_PAGES)
        return name

    def is_current(self, name, digest):
        """Return whether a database exists and was created from these sources."""
        return self.digest(name) == digest

    def digest(self, name):
        """Return the hash of the sources a database was created from, or None."""
        asked = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '%s'"
        return next(iter(self.cluster.sql(asked % name)), None)

    def clone(self, template, name):
        """Copy a database with its files and return the new name."""
        self.drop(name)
        self.cluster.sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        files, copy = (FILES / "filestore" / folder for folder in (template, name))
        if files.is_dir():
            # Files are named by their content and never rewritten, so hard links are
            # safe.
            shutil.copytree(files, copy, copy_function=os.link, dirs_exist_ok=True)
        return name

    def drop(self, name):
        """Drop a database with its files, ending all connections to it."""
        self.cluster.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        shutil.rmtree(FILES / "filestore" / name, ignore_errors=True)

    def _making(self, name):
        self.drop(f"{name}_making")
        return f"{name}_making"

    def finish(self, making, name, digest):
        """Replace the older database of that name with a finished one."""
        self.drop(name)
        self.cluster.sql(f'ALTER DATABASE "{making}" RENAME TO "{name}"')
        self.cluster.sql(f"COMMENT ON DATABASE \"{name}\" IS '{digest}'")
        files = FILES / "filestore" / making
        if files.is_dir():
            files.rename(files.with_name(name))
        say(f"database {name} is ready")


def manifest_of(addon):
    """Return the manifest of an addon folder as a dictionary."""
    return ast.literal_eval((addon / "__manifest__.py").read_text())


def further_apps():
    """Return the modules that the addons beside the first one need in addition."""
    known = {*manifest_of(ADDON)["depends"], *(addon.name for addon in ADDONS)}
    wanted = {name for addon in BESIDE for name in manifest_of(addon)["depends"]}
    return sorted(wanted - known)


@dataclass(frozen=True)
class Workshop:
    """A prepared machine: Odoo's tree, a running cluster, the databases."""

    tree: OdooTree
    cluster: Cluster
    databases: Databases


def python_ready():
    """Prepare Odoo's tree and the Python environment, and return the tree.

    This is enough for commands without a database.
    """
    ready()
    tree = odoo_tree()
    virtual_environment(tree)
    return tree


@contextlib.contextmanager
def workshop():
    """Prepare the whole machine; the cluster runs inside the block."""
    tree = python_ready()
    pdf.bring_program()
    with Cluster().running() as cluster:
        write_configuration(tree, cluster)
        yield Workshop(tree, cluster, Databases(cluster, tree))
