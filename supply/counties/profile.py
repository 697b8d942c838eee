"""A county profile: a folder of readable files read into one frozen value.

`read_profile` is strict and complains about everything at once; `profile_of` then also asks whether the county works
(roads, tiers, vehicles, published counts). A county is data: no code knows any county's name.
"""

from pathlib import Path

from core.errors import NotFound
from core.settings import ROOT

from .profile_checks import validate_profile
from .profile_county import read_county
from .profile_references import faults_between
from .profile_rows import Profile
from .profile_tables import TABLES, read_table

COUNTIES = ROOT / "data" / "counties"


class ProfileUnknown(NotFound):
    code = "profile_unknown"


class ProfileError(ValueError):
    """A profile that cannot be read; `faults` has one line per fault, naming file, line and column."""

    def __init__(self, folder: Path, faults: list[str]) -> None:
        super().__init__(f"{folder}: {len(faults)} fault(s)\n" + "\n".join(faults))
        self.faults = faults


def read_profile(folder: Path) -> Profile:
    """The county in `folder`; raises ProfileError with every fault found."""
    errors: list[str] = []
    county = read_county(folder, errors)
    tables = {name: read_table(folder, table, errors) for name, table in TABLES.items()}
    if county is not None and county.code != folder.name:
        errors.append(f"county.toml: code {county.code!r} is not the folder's name {folder.name!r}")
    errors += faults_between(county, tables)
    if county is None or errors:
        raise ProfileError(folder, errors)
    return Profile(county=county, **{name: tuple(line.row for line in read.lines) for name, read in tables.items()})


def profile_of(county_code: str) -> Profile:
    """A county of `data/counties`, which also works (`validate_profile`). Raises ProfileUnknown, and ProfileError with every fault."""
    known = sorted(path.name for path in COUNTIES.iterdir() if path.is_dir())
    if county_code not in known:
        raise ProfileUnknown(f"there is no county {county_code!r} in data/counties, only {' and '.join(known)}")
    return profile_in(COUNTIES / county_code)


def profile_in(folder: Path) -> Profile:
    """The county of a folder anywhere, which also works. Raises ProfileUnknown, and ProfileError with every fault."""
    if not folder.is_dir():
        raise ProfileUnknown(f"there is no folder {folder}")
    profile = read_profile(folder)
    if faults := validate_profile(profile):
        raise ProfileError(folder, faults)
    return profile
