"""Going through the records as a migration would, and writing nothing."""

from __future__ import annotations

from plugreg.backends.limits import fitting

from .duplicates import require_no_duplicates
from .tally import Tally

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .job import Job
    from .source import Source

    Record = tuple[bytes, bytes]


def rehearse(
    job: Job,
    source: Source,
    records: Iterator[Record],
    progress: Callable[[int], None],
) -> Tally:
    """Return the tally of what would be written.

    Keeps the hash of each key, about 100 bytes, to find those that come twice.

    Raises:
        DuplicateKeys: Some have several values, and none was chosen.
        CatalogError: Records do not fit, or the source is damaged.
    """
    tally = Tally()
    fit = fitting(tally.through(records, progress), job.target.misfit, job.name, job.target.name)
    keys: set[int] = set()
    for key, _ in fit:
        keys.add(hash(key))
    if len(keys) < tally.records and not source.chosen:  # or two keys have the same hash
        require_no_duplicates(source.all_records(), source.path)
    return tally
