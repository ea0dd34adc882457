"""An OpenAI-compatible server over the mock writer: real HTTP, no key, no cost, no network.

It is as slow, as limited and as faulty as its `Behaviour` says, so that any pipeline can be tested against it.
`server.py` has the routes, `exchange.py` one request's way through, `faults.py` what can go wrong, `limits.py` the
token buckets, `latency.py` how long an answer takes, `script.py` what is to happen when, `account.py` what happened;
`batches/` has files and batches.
"""
