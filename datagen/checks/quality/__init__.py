"""Q: what only shows when a file's records are looked at together, and what a model that got stuck leaves behind.

All of them together keep about 110 bytes of a record of LLaVA's: 17 MB for 158,000 records, 540 MB for five million,
and up to 250 MB more for a moment at the end. On 158,000 records of 237 MB they take about 12 s of one core, where
`orjson.loads` takes 1.5: half of that is the near duplicates and the loops.
"""
