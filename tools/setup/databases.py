"""The databases: a template with the dependencies, and those with the addon made from it, each remade when its sources change."""

import os
import shutil
from datetime import date

from .digest import digest_of, digest_of_files, manifest_of
from .messages import say
from .odoo import odoo_script, odoo_watched
from .places import ADDON, ADDON_NAME, CLONE, FILES
from .venv import payroll_version

LANGUAGES = ("ru_RU",)
DEPENDENCIES = "deps"
BUILD_PAGES = CLONE / "tools" / "setup" / "build_pages.py"
# Raise it when the way a database is made changes, so that older ones are not reused.
RECIPE = 1


class Databases:
    """The databases of one cluster; each method gives the name of a database that is up to date."""

    def __init__(self, cluster, tree):
        self.cluster = cluster
        self.tree = tree

    def dependencies(self):
        """Everything the addon depends on, with its languages, without the addon."""
        depends = manifest_of(ADDON)["depends"]
        wanted = digest_of(
            RECIPE, self.tree.identity, payroll_version(), sorted(depends), LANGUAGES
        )
        if not self.is_current(DEPENDENCIES, wanted):
            self._install_dependencies(depends, wanted)
        return DEPENDENCIES

    def _install_dependencies(self, depends, digest):
        making = self._making(DEPENDENCIES)
        modules = ",".join(depends)
        odoo_watched(
            self.cluster,
            "installing what the addon depends on",
            "-d",
            making,
            "-i",
            modules,
            *once(),
        )
        odoo_watched(
            self.cluster,
            "loading Russian",
            "i18n",
            "loadlang",
            "-d",
            making,
            "-l",
            *LANGUAGES,
        )
        self.finish(making, DEPENDENCIES, digest)

    def with_addon(self, name, *digest_parts):
        """The addon installed, without demo data, as the tests and real data want it."""
        template = self.dependencies()
        wanted = digest_of(self.digest(template), digest_of_files(ADDON), *digest_parts)
        if not self.is_current(name, wanted):
            making = self.clone(template, self._making(name))
            log = odoo_watched(
                self.cluster,
                f"installing the addon for {name}",
                "-d",
                making,
                "-i",
                ADDON_NAME,
                *once(),
            )
            shutil.copy(log, log.with_name(f"{name}-install.log"))
            self.finish(making, name, wanted)
        return name

    def with_pages(self, name):
        """A database as it is, with the web client's bundles built for its browser tests."""
        if not self._has_pages(name):
            say(f"building the web client for {name}")
            odoo_script(self.cluster, name, BUILD_PAGES)
        return name

    def _has_pages(self, name):
        built = "SELECT 1 FROM ir_attachment WHERE url LIKE '/web/assets/%/web.assets_web.min.js' LIMIT 1"
        return bool(self.cluster.sql(built, name))

    def with_demo(self, name="demo"):
        """The addon installed with its demo data, whose dates are relative to the day it was made."""
        template = self.dependencies()
        sources = digest_of_files(ADDON, CLONE / "tools" / "demo")
        wanted = digest_of(self.digest(template), sources, date.today())
        if not self.is_current(name, wanted):
            making = self.clone(template, self._making(name))
            self._expect_demo(making)
            odoo_watched(
                self.cluster,
                "installing the addon with demo data",
                "-d",
                making,
                "-i",
                ADDON_NAME,
                "--with-demo",
                *once(),
            )
            self.finish(making, name, wanted)
        return name

    def _expect_demo(self, database):
        # Odoo loads an addon's demo data only where its dependencies have theirs; here the addon brings its own company.
        self.cluster.sql(
            "UPDATE ir_module_module SET demo = true WHERE state = 'installed'",
            database,
        )

    def is_current(self, name, digest):
        """Whether a database is there and was made from just these sources."""
        return self.digest(name) == digest

    def digest(self, name):
        """What a database was made from, or None when it is not there."""
        asked = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '%s'"
        return next(iter(self.cluster.sql(asked % name)), None)

    def clone(self, template, name):
        """Copy a database with its files; returns the new name."""
        self.drop(name)
        self.cluster.sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        files = FILES / "filestore" / template
        if files.is_dir():
            # Files are named by their content and never written again, so a link is a copy.
            shutil.copytree(
                files,
                FILES / "filestore" / name,
                copy_function=os.link,
                dirs_exist_ok=True,
            )
        return name

    def drop(self, name):
        """Remove a database with its files, whoever is connected to it."""
        self.cluster.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        shutil.rmtree(FILES / "filestore" / name, ignore_errors=True)

    def _making(self, name):
        making = f"{name}_making"
        self.drop(making)
        return making

    def finish(self, making, name, digest):
        """Put a finished database in the place of the older one of that name."""
        self.drop(name)
        self.cluster.sql(f'ALTER DATABASE "{making}" RENAME TO "{name}"')
        self.cluster.sql(f"COMMENT ON DATABASE \"{name}\" IS '{digest}'")
        files = FILES / "filestore" / making
        if files.is_dir():
            files.rename(FILES / "filestore" / name)
        say(f"database {name} is ready")


def once():
    """Options of a run that installs and ends."""
    return ("--stop-after-init", "--no-http", "--log-level=info")
