"""Data only: the catalogue of items and the level profiles.

The module exists so that an installed copy is never merged with a folder of the same name
in the working directory (namespace packages would be).
"""
