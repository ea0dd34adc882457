"""Findings → the ways of showing them: to people, to programs, to what runs tests for them. It is given hits, counts
and the catalog of checks as data; it knows no check, no file of records and no trainer."""
