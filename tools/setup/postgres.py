"""The private PostgreSQL cluster of this clone.

It is reached through a socket only, and stopped by the last command that used it.
"""

import contextlib
import fcntl
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from .debian import refreshed, release_codename, unpack
from .places import BUILD, Problem, clone_key, fresh, in_one_move, socket_folder
from .terminal import say, watched

OLDEST = 13
PROGRAMS = (
    *("initdb", "pg_ctl", "postgres", "psql", "createdb", "dropdb"),
    # For tests with a copy of a database and with a replica.
    *("pg_dump", "pg_restore", "pg_basebackup"),
)
INSTALLED = Path("/usr/lib/postgresql")
# Libraries that every Debian system has, and those the cluster doesn't need (LLVM is
# only used by the JIT, which is off).
ALWAYS_THERE = ("libc6", "libgcc-s1", "libstdc++6", "libcrypt1")
NOT_NEEDED = ("libllvm", "libpam", "libdebconf")
# Odoo refuses a role named postgres.
ROLE = "nka"
PORT = "5432"
# All data can be recreated, so writes don't wait for the disk (fsync and related
# settings). The JIT costs more than it saves on Odoo's queries, and its library isn't
# unpacked.
SETTINGS = """
listen_addresses = ''
max_connections = 100
shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
jit = off
"""


def programs(home, environ=os.environ):
    """Return the folder of the PostgreSQL programs.

    Installed programs are used if there are any, otherwise Debian's package, unpacked
    below the cluster's home. PG_BIN names a folder to use instead; PG_BIN=private
    always unpacks.

    :param home: a folder that the account of the cluster can read.
    :raises Problem: if neither is available.
    """
    named = environ.get("PG_BIN")
    if named and named != "private":
        if not is_complete(Path(named)):
            raise Problem(
                f"PG_BIN={named} lacks PostgreSQL's programs: name a folder with initdb, or leave PG_BIN out."
            )
        return Path(named)
    installed = None if named else newest_installed(INSTALLED)
    return installed or _private(home / "programs")


def newest_installed(base):
    """Return the program folder of the newest usable PostgreSQL in `base`, or None."""
    folders = [folder for folder in base.glob("*/bin") if folder.parent.name.isdigit()]
    usable = {
        int(folder.parent.name): folder
        for folder in folders
        if int(folder.parent.name) >= OLDEST and is_complete(folder)
    }
    return usable[max(usable)] if usable else None


def is_complete(folder):
    """Return whether a folder has every program that a cluster needs."""
    return all(os.access(folder / name, os.X_OK) for name in PROGRAMS)


def _private(root):
    if not is_complete(root / "bin"):
        apt = refreshed(release_codename())
        server = next(
            name for name in apt.depends("postgresql") if name.startswith("postgresql-")
        )
        client = server.replace("postgresql-", "postgresql-client-")
        downloads = fresh(BUILD / "apt" / "packages")
        making = fresh(root.with_name("unpacking"))
        wanted = [server, client, *libraries_of(apt, server)]
        unpack(apt.download(wanted, downloads), making)
        in_one_move(making, root)
        shutil.rmtree(downloads)
        _wrap(newest_installed(root / "usr/lib/postgresql"), root)
    return root / "bin"


def _wrap(folder, root):
    """Write a wrapper for each program that sets the path of the unpacked libraries.

    Only these programs use the libraries.
    """
    files = (
        file for file in root.glob("**/lib*.so*") if "postgresql" not in file.parts
    )
    libraries = ":".join(sorted({str(file.parent) for file in files}))
    (root / "bin").mkdir()
    for program in folder.iterdir():
        starter = root / "bin" / program.name
        line = f'LD_LIBRARY_PATH="{libraries}" exec "{program}" "$@"'
        starter.write_text(f"#!/bin/sh\n{line}\n")
        starter.chmod(0o755)


def libraries_of(apt, package):
    """Return the libraries a package needs, directly or indirectly, sorted by name.

    Libraries that every system has are excluded.
    """
    found, ahead = set(), [package]
    while ahead:
        for name in apt.depends(ahead.pop()):
            is_library = name.startswith(("lib", "zlib")) and name not in found
            if is_library and not name.startswith(ALWAYS_THERE + NOT_NEEDED):
                found.add(name)
                ahead.append(name)
    return sorted(found)


def cluster_account(environ=os.environ):
    """Return the current account, or an ordinary one for root.

    PostgreSQL refuses to run as root.
    """
    ordinary = (environ.get("SUDO_USER"), "postgres", "nobody")
    names = [pwd.getpwuid(os.getuid()).pw_name] if os.getuid() else ordinary
    for name in filter(None, names):
        with contextlib.suppress(KeyError):
            if pwd.getpwnam(name).pw_uid:
                return pwd.getpwnam(name)
    raise Problem(
        "PostgreSQL refuses to run as root and no ordinary account was found: run this as an ordinary user."
    )


def as_account(account):
    """Return subprocess arguments to run as an account; none for the current one."""
    if account.pw_uid == os.getuid():
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def cluster_home(account):
    """Return the folder of the cluster: in the build folder, or in the temporary one.

    The temporary folder is used if the account can't reach the build folder: a clone
    below /root is closed to ordinary accounts.
    """
    home, options = BUILD / "postgres", as_account(account)
    reach = ["test", "-x", str(BUILD)]
    if options and subprocess.run(reach, cwd="/", check=False, **options).returncode:
        place = os.environ.get("TMPDIR") or "/var/tmp"
        home = Path(place).resolve() / f"nka-postgres-{clone_key()}"
    home.mkdir(mode=0o755, parents=True, exist_ok=True)
    if home.stat().st_uid not in (os.getuid(), account.pw_uid):
        raise Problem(
            f"{home} belongs to somebody else: remove it, the database cluster is kept there."
        )
    home.chmod(0o755)
    return home


class Cluster:
    """The cluster of this clone. Use it as `with Cluster().running() as cluster`."""

    def __init__(self):
        self.account = cluster_account()
        self.home = cluster_home(self.account)
        self.data = self.home / "data"
        self.programs = programs(self.home)
        self.owner = (self.account.pw_uid, self.account.pw_gid)
        self.socket = socket_folder(self.home / "socket", self.owner)

    @contextlib.contextmanager
    def running(self):
        """Run the cluster inside the block; stop it if no other command uses it."""
        with (BUILD / "cluster.lock").open("w") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            self._start()
            try:
                yield self
            finally:
                # Only the last user of the cluster gets the exclusive lock.
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self.stop()

    def _start(self):
        with (BUILD / "cluster.starting").open("w") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            if not (self.data / "PG_VERSION").is_file():
                self._initialise()
            if not self.is_running():
                self._launch()

    def _initialise(self):
        making = fresh(self.home / "making")
        making.chmod(0o700)
        os.chown(making, *self.owner)
        words = f"-U {ROLE} --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync"
        watched(
            f"making a PostgreSQL cluster ({self.programs}, as {self.account.pw_name})",
            [self.programs / "initdb", "-D", making, *words.split()],
            **self._as_account(),
        )
        with (making / "postgresql.conf").open("a") as settings:
            settings.write(SETTINGS)
        making.rename(self.data)

    def _launch(self):
        log = self.data / "server.log"
        options = f"-k {self.socket} -p {PORT}"
        words = ["-l", log, "-o", options, "-w", "-t", "60", "start"]
        started = self._pg_ctl(*words, start_new_session=True)
        if started.returncode:
            raise Problem(
                f"PostgreSQL did not start; {log} says why: {started.stdout.strip()[-300:]}"
            )

    def is_running(self):
        """Return whether the server answers on the cluster's own socket."""
        return self._pg_ctl("status").returncode == 0

    def stop(self):
        """Stop the server if it runs, ending its connections."""
        if (self.data / "PG_VERSION").is_file() and self.is_running():
            self._pg_ctl("-m", "fast", "-w", "stop")

    def _pg_ctl(self, *words, **options):
        return subprocess.run(
            [self.programs / "pg_ctl", "-D", self.data, *words],
            **self._as_account(),
            **options,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def _as_account(self):
        # The account may have no access to the current directory of make.
        environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        return {"cwd": "/", "env": environment, **as_account(self.account)}

    def environment(self):
        """Return the environment variables for programs that connect to the cluster."""
        path = f"{self.programs}{os.pathsep}{os.environ.get('PATH', '/usr/bin:/bin')}"
        reached = {"PGHOST": str(self.socket), "PGPORT": PORT, "PGUSER": ROLE}
        return {**reached, "PATH": path}

    def sql(self, statement, database="postgres"):
        """Run one SQL statement and return its rows as text, columns separated by tabs.

        :raises Problem: with PostgreSQL's message.
        """
        words = ["-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", database]
        done = subprocess.run(
            [self.programs / "psql", *words, "-c", statement],
            env={**os.environ, **self.environment()},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Problem(f"PostgreSQL: {done.stderr.strip()}")
        return done.stdout.splitlines()


def stop_cluster():
    """Stop the cluster if there is one, without creating or downloading anything.

    :return: the cluster's home.
    """
    home = cluster_home(cluster_account())
    if (home / "data" / "PG_VERSION").is_file():
        Cluster().stop()
    return home


def remove_cluster():
    """Stop the cluster and remove its files, also those outside the build folder."""
    home = stop_cluster()
    say(f"removing the database cluster in {home}")
    shutil.rmtree(home, ignore_errors=True)
    for place in ("/tmp", os.environ.get("TMPDIR", "/tmp")):
        shutil.rmtree(f"{place}/nka-{clone_key(home / 'socket')}", ignore_errors=True)
