"""The ledger's tables, told where they are made. Nothing here opens or reads them."""

VERSION = 3
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
"""

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
}
"""Version → what makes the next one of it."""
