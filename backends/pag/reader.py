"""Reading all records of a pair: every page in order, which is the libraries' own order."""

from __future__ import annotations

from plugreg.backends.errors import CatalogCorrupt, restore_or_salvage
from plugreg.backends.reader import Reader

from .bitmap import ndbm_last_page, sdbm_last_page
from .files import PairFiles
from .hashing import signed_hash, unsigned_hash
from .kind import SDBM, astray, kind_of
from .page import PAGE_SIZE, offsets_of, pairs_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LAST_PAGE = {"sdbm": sdbm_last_page, "ndbm-classic": ndbm_last_page}


class PagReader(Reader):
    """A read-only store over a .pag file; the .dir is looked at to notice missing pages."""

    def __init__(self, flavour: str, path: str) -> None:
        super().__init__(flavour, path)
        self.losses: list[str] = []
        kind = kind_of(path)
        self._files = PairFiles(path)
        if kind is None:
            self._files.close()
            raise self._corrupt("holds no page that fits the format")
        self._order = kind.order

    def records(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every (key, value) in the order of the pages.

        Raises:
            CatalogCorrupt: A page is damaged or missing; it is named.
        """
        self._require_open()
        self.warnings.clear()
        damage = self._missing_end()
        if damage:
            raise self._corrupt(damage)
        for _, pairs in self._pages(self._refuse):
            yield from pairs

    def salvage(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the records of every good page; `losses` names the others.

        Of sdbm, a key whose hash cannot lead to its page, with any .dir, is none.
        """
        self._require_open()
        self.warnings.clear()
        self.losses.clear()
        damage = self._missing_end()
        if damage:
            self.losses.append(damage)
        for number, pairs in self._pages(self.losses.append):
            mask = (1 << number.bit_length()) - 1 if self.flavour == SDBM else 0
            for key, value in pairs:
                if mask and number not in (signed_hash(key) & mask, unsigned_hash(key) & mask):
                    self.losses.append(f"page {number}: the key {key[:40]!r} belongs elsewhere")
                else:
                    yield key, value
        self.losses += self.warnings

    def _pages(
        self, report: Callable[[str], None]
    ) -> Iterator[tuple[int, list[tuple[bytes, bytes]]]]:
        """Yield the number of each good page with records, and these."""
        lost = 0
        for number, page in self._files.pages():
            offsets = offsets_of(page, self._order)
            if offsets is None:
                report(f"page {number} at byte {number * PAGE_SIZE} has an impossible offset table")
                continue
            if not offsets:
                continue
            pairs = list(pairs_of(page, offsets))
            if self.flavour == SDBM:
                lost += astray(self._files, number, [key for key, _ in pairs])
            yield number, pairs
        if lost:
            self.warnings.append(f"{lost} keys lie on pages where sdbm would not look for them")

    def _missing_end(self) -> str:
        """Return which end of the .pag is missing, or ""; every split writes both its pages."""
        whole, rest = divmod(self._files.size, PAGE_SIZE)
        if rest:
            return f"ends inside page {whole}, at byte {self._files.size}"
        bits = self._files.bits
        last = _LAST_PAGE[self.flavour](bits) if bits is not None else -1
        if last >= whole:
            return f"ends after {whole} pages, while the .dir tells of {last + 1}"
        return ""

    def _refuse(self, damage: str) -> None:
        raise self._corrupt(damage)

    def _corrupt(self, damage: str) -> CatalogCorrupt:
        return CatalogCorrupt(
            f"{self.path}.pag is damaged: it {damage}"
            if damage.startswith(("ends", "holds"))
            else f"{self.path}.pag is damaged: {damage}",
            hint=restore_or_salvage(self.path),
            path=self.path,
        )

    def _close(self) -> None:
        self._files.close()
