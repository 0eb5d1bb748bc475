from pathlib import Path

from . import contents

FOLDER = Path("nka_key_accounts/data/dashboards/files")


def main():
    """Write all files."""
    for name, text in contents().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
