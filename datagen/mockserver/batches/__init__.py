"""`/v1/files` and `/v1/batches` as OpenAI serves them: input uploaded, worked through later, output to be fetched.

`routes.py` has the calls, `office.py` the clock and what is kept, `batch.py` a batch's life, `checking.py` its input
read, `lines.py` one request worked on, `bills.py` what it cost, `files.py` and `uploads.py` what came in or was made,
`plan.py` what is to go wrong. Time is virtual: it moves with each call, so that a day passes in a test of a second.
"""
