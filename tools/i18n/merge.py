"""Merges a template into translations, keeping every translation that still has its term."""

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


def merge(template_path, translation_path):
    """Bring one translation up to date, made empty when it is not there.

    :return: number of terms, and of those not translated.
    """
    template = polib.pofile(str(template_path))
    translation = _translation(translation_path, template)
    translation.merge(template)
    for entry in translation.obsolete_entries():
        translation.remove(entry)
    translation.sort(key=lambda entry: (entry.msgid, entry.msgctxt or ""))
    _steady(translation)
    translation.save(str(translation_path))
    missing = [entry for entry in translation if not entry.translated()]
    return len(translation), len(missing)


def _translation(path, template):
    if path.is_file():
        return polib.pofile(str(path), wrapwidth=template.wrapwidth)
    made = polib.POFile()
    made.metadata = dict(template.metadata)
    made.metadata["Language"] = path.stem
    made.metadata["Plural-Forms"] = PLURALS.get(path.stem, "")
    return made


def steady_template(path):
    """Rewrite the template without what changes from run to run."""
    template = polib.pofile(str(path))
    _steady(template)
    template.save(str(path))


def _steady(file):
    for key in UNSTEADY:
        file.metadata.pop(key, None)
    server = file.metadata.get("Project-Id-Version", "")
    file.metadata["Project-Id-Version"] = re.sub(r"[+-].*$", "", server)


def main(template_path, *translation_paths):
    """Merge every translation named and print how complete it is."""
    steady_template(template_path)
    for path in map(Path, translation_paths):
        terms, missing = merge(template_path, path)
        print(f"{path.name}: {terms} terms, {missing} not translated")


if __name__ == "__main__":
    main(*sys.argv[1:])
