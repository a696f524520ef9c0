"""The differences that remain, each with its reason. docs/amqp_errors.md tells them to people; a test compares the two."""

import collections
import re

Known = collections.namedtuple("Known", "name step theirs ours reason stop")

KNOWN = []


class Tolerated:
    def __init__(self, known=None):
        self.known = KNOWN if known is None else known
        self.met = collections.Counter()

    def find(self, step, theirs, ours):
        """The entry that explains why a step's lines differ, or None."""
        for entry in self.known:
            if re.search(entry.step, str(step)) and re.search(entry.theirs, "\n".join(theirs)) and re.search(entry.ours, "\n".join(ours)):
                self.met[entry.name] += 1
                return entry
        return None
