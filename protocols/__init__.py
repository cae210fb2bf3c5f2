"""Network services for Twisted: echo, chat and mail, to launch, subclass and test."""

__version__ = "0.1.0"
