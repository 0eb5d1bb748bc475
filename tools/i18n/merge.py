"""Merges a template into translations, keeping every translation that still has its term.

Odoo's own export knows no merge, and `msgmerge` (which click-odoo-makepot starts) is no part of a bare
machine, keeps what is obsolete and guesses translations of similar terms.
"""

import re
import sys
from pathlib import Path

import polib

# Times and addresses of a run would make every export differ from the one before.
UNSTEADY = ("POT-Creation-Date", "PO-Revision-Date", "Last-Translator", "Language-Team")
PLURALS = {
    "ru": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : "
    "n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"
}


def merge(template, path):
    """Bring one translation up to date, made empty when it is not there.

    :return: number of terms, and of those not translated.
    """
    if path.is_file():
        translation = polib.pofile(str(path), wrapwidth=template.wrapwidth)
    else:
        translation = polib.POFile()
        translation.metadata = {
            **template.metadata,
            "Language": path.stem,
            "Plural-Forms": PLURALS.get(path.stem, ""),
        }
    translation.merge(template)
    for entry in translation.obsolete_entries():
        translation.remove(entry)
    translation.sort(key=lambda entry: (entry.msgid, entry.msgctxt or ""))
    save_steadily(translation, path)
    return len(translation), sum(not entry.translated() for entry in translation)


def save_steadily(file, path):
    """Write a file without what changes from run to run."""
    for key in UNSTEADY:
        file.metadata.pop(key, None)
    server = file.metadata.get("Project-Id-Version", "")
    file.metadata["Project-Id-Version"] = re.sub(r"[+-].*$", "", server)
    file.save(str(path))


def main(template_path, *translation_paths):
    """Rewrite the template steadily, merge every translation named and print how complete it is."""
    template = polib.pofile(template_path)
    save_steadily(template, template_path)
    for path in map(Path, translation_paths):
        terms, missing = merge(template, path)
        print(f"{path.name}: {terms} terms, {missing} not translated")


if __name__ == "__main__":
    main(*sys.argv[1:])
