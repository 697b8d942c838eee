"""What a county does not say of itself is reckoned from its lines and goods."""

from sqlmodel import Session

from supply.counties.policy import policy_of, to_policy
from supply.counties.profile_rows import Profile
from supply.counties.profile_rules import Words
from supply.counties.profile_words import words_of
from tests.supply.counties.test_loader import load
from tests.supply.counties.test_reading import faults, spoil


def without(profile: Profile, words: Words | None = None) -> Profile:
    return profile._replace(county=profile.county._replace(words=words))


def test_a_county_says_its_own_words(county: Profile) -> None:
    assert county.county.words
    assert words_of(county) == county.county.words


def test_islands_are_served_by_ferries_and_hills_by_buses(shengsi: Profile, ninghai: Profile) -> None:
    assert (words_of(without(shengsi)).carrier, words_of(without(ninghai)).carrier) == ("ferry", "bus")


def test_examples_are_goods_of_two_kinds_and_a_place(shengsi: Profile) -> None:
    found = words_of(without(shengsi)).searches
    assert found is not None
    assert len(set(found)) == 3
    assert not [word for word in found if "驿站" in word]
    half = words_of(without(shengsi, Words("只写这一句", None, None)))
    assert (half.motto, half.searches) == ("只写这一句", found)


def test_the_words_are_kept_with_the_county(session: Session) -> None:
    profile, loaded = load(session, "shengsi")
    assert policy_of(loaded.county).words == profile.county.words


def test_a_county_kept_before_there_were_words_is_still_read(session: Session) -> None:
    profile, loaded = load(session, "shengsi")
    kept = to_policy(profile.county)
    del kept["words"]
    loaded.county.policy = kept
    assert policy_of(loaded.county).words is None


def test_an_unknown_carrier_is_refused(folder) -> None:
    spoil(folder, "county.toml", 'carrier = "ferry"', 'carrier = "balloon"')
    assert faults(folder) == ["county.toml: words.carrier is not one of bus, ferry"]
