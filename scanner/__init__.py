"""Judge evidence against MLPS profiles: pure but for the locker's file and the command line."""

__version__ = "0.1.0"
