"""The tests, as the package file by file; `bench/` measures and is no test."""
