"""The version, where everything that records it can read it without importing the face."""

__version__ = "0.1.0"
