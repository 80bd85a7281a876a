"""A release archive: the committed tree with its style sheets, scripts and translations built, so that it needs no Node.

python scripts/release.py dist/common-ground.tar.gz
"""

import io
import subprocess
import sys
import tarfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: What `make assets` builds and git ignores.
BUILT = ("static/dist/**/*", "forum/translations/**/*.mo")
#: What the program reads when it starts; whatever of it stands here and not in the archive was not committed.
READ_AT_START = (
    "docs/*.md",
    "docs/easy-read/*",
    "forum/content/**/*.toml",
    "templates/**/*.html",
    "static/dist/manifest.json",
)


def main(target: str) -> None:
    """Write the archive to `target`.

    :raises SystemExit: something is not built, or what the program needs to start is not committed; says what to do.
    """
    built = sorted({path for pattern in BUILT for path in ROOT.glob(pattern) if path.is_file()})
    if not (ROOT / "static" / "dist" / "manifest.json").exists():
        sys.exit("The style sheets are not built. Run `make assets` first.")
    committed = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(target, "w:gz") as archive:
        with tarfile.open(fileobj=io.BytesIO(committed)) as source:
            for member in source:
                archive.addfile(member, source.extractfile(member) if member.isfile() else None)
        for path in built:
            archive.add(path, path.relative_to(ROOT).as_posix())
        names = archive.getnames()
    if left_out := missing(names):
        Path(target).unlink()
        sys.exit(f"The program would not start without: {', '.join(left_out)}. Commit them first.")
    print(f"{target}: {len(built)} built files beside the committed tree")


def missing(names: Iterable[str]) -> list[str]:
    """Which of the files that the program reads at its start an archive lacks: guides, pictures, content, languages."""
    return sorted(
        {path.relative_to(ROOT).as_posix() for pattern in READ_AT_START for path in ROOT.glob(pattern)} - set(names)
    )


if __name__ == "__main__":
    main(sys.argv[1])
