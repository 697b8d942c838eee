"""How Han characters and words are read, in little memory.

pypinyin's dictionaries take 54 MB in every process that loads them. A child process loads them once for an installation and writes the
small part we need under HOME: one plain syllable a character, and the words that are read otherwise than their characters (重庆). Made
again when pypinyin changes.
"""

import subprocess
import sys
import uuid
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from core.settings import settings

LONGEST = 4  # characters of a word with its own reading; the longer ones are sayings


class Readings(NamedTuple):
    characters: dict[str, str]
    words: dict[str, tuple[str, ...]]

    def read(self, word: str) -> tuple[str, ...]:
        """One syllable per character; the longest known word first; a character without a reading stands for itself."""
        found: list[str] = []
        while len(found) < len(word):
            at = len(found)
            known = (self.words.get(word[at : at + size]) for size in range(LONGEST, 1, -1))
            found += next((syllables for syllables in known if syllables), (self.characters.get(word[at], word[at]),))
        return tuple(found)


@lru_cache(maxsize=1)
def readings() -> Readings:
    """The table of this installation, made on first use (two seconds, once). OSError if that fails."""
    path = settings.home.resolve() / "search" / f"readings-{version('pypinyin')}.tsv"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{uuid.uuid4().hex}")
        made = subprocess.run([sys.executable, "-m", __name__, str(draft)], cwd=Path(__file__).parents[2], capture_output=True)  # noqa: S603  # our own module
        if made.returncode:
            raise OSError(f"the readings could not be made: {made.stderr.decode(errors='replace')[-500:]}")
        draft.replace(path)
    return _loaded(path)


def write(path: Path) -> None:
    """The table from pypinyin: lines `syllable<TAB>characters` and `word<TAB>syllables`."""
    from pypinyin import lazy_pinyin
    from pypinyin.phrases_dict import phrases_dict

    characters: dict[str, str] = {}
    for point in (0x3007, *range(0x3400, 0x4DC0), *range(0x4E00, 0xA000)):
        if (read := lazy_pinyin(chr(point))[0]).isascii():
            characters[chr(point)] = read
    by_syllable: dict[str, list[str]] = {}
    for character, read in characters.items():
        by_syllable.setdefault(read, []).append(character)
    lines = [f"{read}\t{''.join(same)}" for read, same in by_syllable.items()]
    for word in phrases_dict:
        if len(word) <= LONGEST and all(character in characters for character in word):
            syllables = lazy_pinyin(word)
            if len(syllables) == len(word) and syllables != [characters[character] for character in word]:
                lines.append(f"{word}\t{' '.join(syllables)}")
    path.parent.mkdir(parents=True, exist_ok=True)  # who threw the index away may have done so while this was read
    path.write_text("\n".join(lines), encoding="utf-8")


def _loaded(path: Path) -> Readings:
    table = Readings({}, {})
    for line in path.read_text(encoding="utf-8").splitlines():
        left, right = line.split("\t")
        if left.isascii():
            table.characters.update(dict.fromkeys(right, left))
        else:
            table.words[left] = tuple(sys.intern(syllable) for syllable in right.split())
    return table


if __name__ == "__main__":
    write(Path(sys.argv[1]))
