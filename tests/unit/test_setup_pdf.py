"""The PDF program of the demo and the tests: installed, or unpacked."""

import os
import subprocess

import pytest

from tools.setup import pdf
from tools.setup.debian import NoArchive


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty build folder; the program isn't installed."""
    for name, path in {"BUILD": "", "ROOT": "pdf", "BIN": "pdf/bin"}.items():
        monkeypatch.setattr(pdf, name, tmp_path / path)
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("NKA_PDF", raising=False)
    return tmp_path


class Archive:
    """Packages of a release: the program, which prints its surroundings, and a library."""

    def __init__(self, releases=("bookworm",)):
        self.releases, self.asked = releases, []

    def __call__(self, release):
        self.asked.append(release)
        return self

    def versions(self, _package):
        return ["1"] if self.asked[-1] in self.releases else []

    def depends(self, package):
        known = {pdf.PROGRAM: ["libqt5core5a"], "libqt5core5a": ["libgl1-mesa-dri"]}
        return known.get(package, [])

    def download(self, packages, folder):
        self.downloaded = packages
        return [folder / name for name in packages]

    def unpack(self, _files, root):
        program, library = root / "usr/bin" / pdf.PROGRAM, root / "lib/x/libz.so.1"
        for file in (program, library, root / "usr/lib/x/qt5/plugins/libplugin.so"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
        program.write_text(
            '#!/bin/sh\necho "$1 $LD_LIBRARY_PATH $QT_PLUGIN_PATH $FONTCONFIG_FILE"\n'
        )
        program.chmod(0o755)


def bring(monkeypatch, archive):
    monkeypatch.setattr(pdf, "refreshed", archive)
    monkeypatch.setattr(pdf, "unpack", archive.unpack)
    monkeypatch.setattr(pdf, "release_codename", lambda: "trixie")
    pdf.bring_program()


def test_unpacked_with_its_libraries_and_fonts(folder, monkeypatch):
    archive = Archive()
    bring(monkeypatch, archive)
    assert archive.asked == ["trixie", "bookworm"]
    assert archive.downloaded == [pdf.PROGRAM, *pdf.FONTS, "libqt5core5a"]
    starter = [folder / "pdf/bin" / pdf.PROGRAM, "page"]
    said = subprocess.run(starter, capture_output=True, text=True, check=True)
    root = folder / "pdf"
    wanted = ["page", f"{root}/lib/x", f"{root}/usr/lib/x/qt5/plugins"]
    assert said.stdout.split() == [*wanted, f"{root}/fonts.conf"]
    assert f"<dir>{root}/usr/share/fonts</dir>" in (root / "fonts.conf").read_text()


def test_unpacked_once(folder, monkeypatch):
    bring(monkeypatch, Archive())
    again = Archive()
    bring(monkeypatch, again)
    assert not again.asked


def test_installed_program_is_used(folder, monkeypatch):
    program = folder / "usr" / pdf.PROGRAM
    program.parent.mkdir()
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    archive = Archive()
    bring(monkeypatch, archive)
    assert not archive.asked
    assert pdf.environment("/usr/bin") == {}
    monkeypatch.setenv("NKA_PDF", "private")
    bring(monkeypatch, archive)
    assert archive.asked
    assert pdf.environment("/usr/bin") == {"PATH": f"{folder}/pdf/bin:/usr/bin"}
    monkeypatch.delenv("NKA_PDF")
    assert pdf.environment("/usr/bin") == {"PATH": f"/usr/bin:{folder}/pdf/bin"}


def test_everything_else_works_without_it(folder, monkeypatch, capsys):
    def refuse(_release):
        raise NoArchive("No Debian archive could be read.")

    monkeypatch.setattr(pdf, "refreshed", refuse)
    pdf.bring_program()
    assert "PDFs can't be printed: install wkhtmltopdf" in capsys.readouterr().out
    assert pdf.environment("/usr/bin") == {}


@pytest.mark.skipif(
    not os.access(pdf.BIN / pdf.PROGRAM, os.X_OK),
    reason="this machine has the program installed",
)
def test_unpacked_program_makes_a_pdf(tmp_path):
    page, made = tmp_path / "page.html", tmp_path / "page.pdf"
    page.write_text("<meta charset='utf-8'><h1>Расчёт за октябрь</h1>")
    command = [pdf.BIN / pdf.PROGRAM, "--quiet", page, made]
    # Neither the installed program nor anything else is found by its name.
    subprocess.run(command, env={"PATH": "", "HOME": str(tmp_path)}, check=True)
    assert made.read_bytes().startswith(b"%PDF-")
    assert b"DejaVu" in made.read_bytes()
