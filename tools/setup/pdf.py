"""The program that makes PDFs: the installed one, or Debian's package unpacked."""

import os
import shutil

from .debian import refreshed, release_codename, unpack
from .places import BUILD, Problem, fresh, in_one_move
from .postgres import libraries_of
from .terminal import say

PROGRAM = "wkhtmltopdf"
ROOT = BUILD / "pdf"
BIN = ROOT / "bin"
#: Newest Debian release with the package; later ones have dropped it.
LAST_RELEASE = "bookworm"
#: Fonts of a machine that has none, with Cyrillic letters.
FONTS = ("fonts-dejavu-core",)
#: Drivers of graphics cards: pages are drawn without a screen.
NOT_NEEDED = ("libgl1-mesa-dri", "libllvm")
#: The fonts of the machine, and the unpacked ones.
FONT_SETTINGS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
    <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
    <dir>{root}/usr/share/fonts</dir>
    <cachedir>{root}/cache</cachedir>
</fontconfig>
"""
#: Only this program uses the unpacked libraries, and it doesn't need a screen.
STARTER = """\
#!/bin/sh
export LD_LIBRARY_PATH="{libraries}"
export QT_PLUGIN_PATH="{plugins}" QT_QPA_PLATFORM=offscreen
export FONTCONFIG_FILE="{root}/fonts.conf"
exec "{root}/usr/bin/{program}" "$@"
"""


def bring_program(environ=os.environ):
    """Unpack Debian's package, unless the program is installed or already unpacked.

    Everything but printing works without it, so a failure is told and ends nothing.
    NKA_PDF=private unpacks it even if it is installed.
    """
    if environ.get("NKA_PDF") != "private" and shutil.which(
        PROGRAM, path=environ.get("PATH")
    ):
        return
    if not os.access(BIN / PROGRAM, os.X_OK):
        try:
            _unpack()
        except Problem as problem:
            say(f"PDFs can't be printed: install {PROGRAM}. {problem}")


def _unpack():
    apt = refreshed(release_codename())
    if not apt.versions(PROGRAM):
        apt = refreshed(LAST_RELEASE)
    libraries = libraries_of(apt, PROGRAM)
    needed = [name for name in libraries if not name.startswith(NOT_NEEDED)]
    downloads = fresh(BUILD / "apt" / "pdf")
    making = fresh(ROOT.with_name("pdf-unpacking"))
    unpack(apt.download([PROGRAM, *FONTS, *needed], downloads), making)
    shutil.rmtree(downloads)
    write_starter(making, ROOT)
    in_one_move(making, ROOT)


def write_starter(making, root):
    """Write the script that starts the program with its libraries and fonts.

    :param making: the unpacked packages.
    :param root: the folder to which they will be moved.
    """
    files = (file for file in making.glob("**/lib*.so*") if "qt5" not in file.parts)
    folders = sorted({root / file.parent.relative_to(making) for file in files})
    plugins = (root / path.relative_to(making) for path in making.glob("usr/lib/*/qt5"))
    (making / "fonts.conf").write_text(FONT_SETTINGS.format(root=root))
    (making / "bin").mkdir()
    starter = making / "bin" / PROGRAM
    starter.write_text(
        STARTER.format(
            root=root,
            program=PROGRAM,
            libraries=":".join(map(str, folders)),
            plugins=":".join(str(folder / "plugins") for folder in plugins),
        )
    )
    starter.chmod(0o755)


def environment(path):
    """Return the variables by which Odoo finds the program; an installed one wins.

    With NKA_PDF=private the unpacked one does.

    :param path: the PATH of the process so far.
    """
    if not os.access(BIN / PROGRAM, os.X_OK):
        return {}
    first = os.environ.get("NKA_PDF") == "private"
    places = [str(BIN), path] if first else [path, str(BIN)]
    return {"PATH": os.pathsep.join(places)}
