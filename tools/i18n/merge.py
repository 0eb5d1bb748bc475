"""Merge a template into translations, keeping all translations whose term still exists.

Odoo's own export can't merge, and `msgmerge` (used by click-odoo-makepot) isn't
installed on a bare machine, keeps obsolete terms and guesses translations of similar
ones.
"""

import re
import sys
from pathlib import Path

import polib

# Times and addresses of a run would make every export differ from the previous one.
UNSTEADY = ("POT-Creation-Date", "PO-Revision-Date", "Last-Translator", "Language-Team")
PLURALS = {
    "ru": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : "
    "n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"
}


def merge(template, path):
    """Update one translation, creating the file if it doesn't exist.

    :return: number of terms, and number of untranslated terms.
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
    """Write a file without the headers that change from run to run."""
    for key in UNSTEADY:
        file.metadata.pop(key, None)
    server = file.metadata.get("Project-Id-Version", "")
    file.metadata["Project-Id-Version"] = re.sub(r"[+-].*$", "", server)
    file.save(str(path))


def main(template_path, *translation_paths):
    """Normalize the template, merge it into each translation and print the counts."""
    template = polib.pofile(template_path)
    save_steadily(template, template_path)
    for path in map(Path, translation_paths):
        terms, missing = merge(template, path)
        print(f"{path.name}: {terms} terms, {missing} not translated")


if __name__ == "__main__":
    main(*sys.argv[1:])
