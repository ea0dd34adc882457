"""The embedded language model: offline, deterministic, and always labelled as a mock.

It reads the very messages that a real model would get and writes dialogue, description or reasoning from what stands
in them, so that a demo and CI give data worth reading. It knows nothing of tasks, images or files.
"""
