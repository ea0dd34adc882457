"""Benchmarks, apart from the tests: `python -m tests.bench [ROW ...]` measures, prints a table and asserts nothing.

A row is one file with a `measure(bench)` that yields figures. Wall clocks of shared machines lie, so what counts is CPU
seconds and ratios of things measured in turns within one go.
"""
