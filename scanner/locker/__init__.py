"""The evidence file of a run: everything that objects said, and a journal that shows if any of it changed.

One SQLite file holds a run: masked captures under the SHA-256 of their content, and an append-only hash
chain over the run's header and over every event. ``Locker`` writes, resumes and reads such files;
``Problem`` is what ``Locker.verify`` finds.
"""

from scanner.locker.canonical import canonical
from scanner.locker.codec import Header
from scanner.locker.store import Locker
from scanner.locker.verification import Area, Problem

__all__ = ["Area", "Header", "Locker", "Problem", "canonical"]
