"""The ledger's tables, told where they are made. Nothing here opens or reads them."""

VERSION = 4
"""Of the tables below; kept in SQLite's user_version."""

_ATTEMPTS_2 = """
CREATE TABLE attempts (
    n INTEGER PRIMARY KEY,
    query INTEGER NOT NULL REFERENCES queries(n),
    outcome TEXT NOT NULL CHECK (outcome IN ('sent', 'answered', 'spoiled', 'failed', 'refused', 'unknown')),
                                   -- sent: on its way; unknown: nobody heard its end, perhaps billed;
                                   -- spoiled: a bad reply, asked for again; refused: not worth sending again
    sent REAL NOT NULL,            -- seconds since 1970, UTC
    ended REAL,
    reason TEXT,                   -- of a failure; of a bad reply; 'final' for a bad reply that stays
    message TEXT,
    model TEXT,
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    reserved INTEGER,              -- picodollars it can have cost at most; NULL where there is no price
    cost INTEGER,                  -- picodollars; NULL where nobody knows, and then `reserved` counts
    request_id TEXT,
    raw BLOB                       -- the body as it came
) STRICT;
CREATE UNIQUE INDEX answer ON attempts(query) WHERE outcome = 'answered';
CREATE INDEX attempts_of ON attempts(query);
"""
_SHA256 = """
ALTER TABLE attempts ADD COLUMN
    sha256 TEXT;                   -- of the bytes sent, where they are not the query's own: a repair
"""
_BATCHES = """
CREATE TABLE batches (
    n INTEGER PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('intended', 'uploaded', 'created', 'ended', 'exported', 'settled')),
                                   -- intended: nothing is known to be at the provider's; uploaded: its file is;
                                   -- created: so is the batch; ended: it came to an end there; exported: somebody
                                   -- else runs it; settled: each of its attempts has its outcome
    address TEXT NOT NULL,         -- of the provider; empty where it was exported
    sha256 TEXT NOT NULL,          -- of the file of requests
    bytes INTEGER NOT NULL,
    tokens INTEGER NOT NULL,       -- of its prompts, roughly
    first INTEGER NOT NULL,        -- its attempts are numbered from here on, in the order of the file's lines
    requests INTEGER NOT NULL,
    price TEXT,                    -- [prompt, completion, basis] as money.Price; NULL where there was none
    intended REAL NOT NULL,        -- seconds since 1970, UTC
    file TEXT,                     -- the provider's name for the file of requests
    tries INTEGER NOT NULL DEFAULT 0, -- to create it
    tried REAL,                    -- when the last of these began; it may have come to pass unheard
    held REAL NOT NULL DEFAULT 0,  -- until when it waits to be created: the provider had too much to do
    batch TEXT,                    -- the provider's name for the batch
    status TEXT NOT NULL DEFAULT '', -- the provider's own last word
    done INTEGER,                  -- requests that the provider says are done with
    output TEXT,                   -- the provider's names for what came of it
    errors TEXT,
    read TEXT NOT NULL DEFAULT '{}', -- how far these are read, and what was counted: JSON
    ended REAL
) STRICT;
ALTER TABLE attempts ADD COLUMN
    batch INTEGER REFERENCES batches(n); -- that it is in; NULL for one that was sent alone
CREATE UNIQUE INDEX in_batch ON attempts(query) WHERE outcome = 'sent' AND batch IS NOT NULL;
"""

SCHEMA = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE contexts (            -- an image as the annotations told it; edited annotations make another row
    n INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL             -- ImageContext as JSON
) STRICT;

CREATE TABLE queries (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    digest TEXT NOT NULL,          -- sha256 of the request's bytes
    task TEXT NOT NULL,
    context INTEGER NOT NULL REFERENCES contexts(n),
    question TEXT,
    draw INTEGER NOT NULL,
    position INTEGER               -- in today's plan; NULL for what an earlier plan asked and today's does not
) STRICT;
CREATE UNIQUE INDEX plan ON queries(position) WHERE position IS NOT NULL;

{_ATTEMPTS_2}{_SHA256}
CREATE TABLE verdicts (            -- what the last build made of each answer
    query INTEGER PRIMARY KEY REFERENCES queries(n),
    reason TEXT                    -- NULL: kept; else what it was rejected for
) STRICT;

CREATE TABLE left_out (            -- images that a task of today's plan could not ask about
    task TEXT NOT NULL,
    image_id TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;
{_BATCHES}"""

GROUNDING = """
CREATE TABLE IF NOT EXISTS grounding (    -- what answers claim of their pictures, as the last build saw it
    query INTEGER PRIMARY KEY REFERENCES queries(n),
    supported INTEGER NOT NULL,
    contradicted INTEGER NOT NULL,
    unknown INTEGER NOT NULL
) STRICT;
"""
"""A table that a build adds where it is not: who does not know it can do without."""

MIGRATIONS = {
    1: f"""
ALTER TABLE attempts RENAME TO attempts_1;
DROP INDEX answer;
DROP INDEX attempts_of;
{_ATTEMPTS_2}
INSERT INTO attempts (n, query, outcome, sent, ended, reason, message, model, prompt_tokens, completion_tokens,
                      request_id, raw)
SELECT n, query, outcome, sent, ended, CASE outcome WHEN 'answered' THEN 'final' ELSE reason END, message, model,
       prompt_tokens, completion_tokens, request_id, raw FROM attempts_1;
DROP TABLE attempts_1;
""",  # noqa: S608 (no value of anybody's is in it)
    2: _SHA256,
    3: _BATCHES,
}
"""Version → what makes the next one of it."""
