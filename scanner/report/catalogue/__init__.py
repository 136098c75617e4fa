"""The catalogue as people and programs read it: which items there are, what each asks, who answers it."""
