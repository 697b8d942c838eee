"""What a profile's reader says of one file written anew."""

from pathlib import Path

from supply.counties.profile import ProfileError, read_profile


def faults_of(folder: Path, name: str, head: str, rows: tuple[str, ...]) -> list[str]:
    (folder / name).write_text(head + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    try:
        read_profile(folder)
    except ProfileError as refused:
        return refused.faults
    return []
