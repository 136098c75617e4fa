"""Results of vulnerability scanners, handed over as a file: pure, bounded readers, one module a format.

No object is asked anything: the platform has one step, and what stands for its answer is the file.
"""

from collectors.base import Need, Platform, Reader
from collectors.platforms.vulnscan.reading import SCAN, read_scan
from scanner.facts import VulnerabilityScan

PLATFORM = Platform(
    name="vulnscan",
    steps=(SCAN,),
    readers=(Reader(VulnerabilityScan, (Need((SCAN,)),), read_scan),),
    refusals=(),  # a file holds what scanners printed about hosts, refusals of theirs included
)
