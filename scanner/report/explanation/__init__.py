"""One thing of the catalogue in full: an item, a check, a judgement on high risk, and what belongs to it."""
