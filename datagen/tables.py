"""The ledger's tables, told where they are made. Nothing here opens or reads them."""

VERSION = 1
"""Of the tables below; kept in SQLite's user_version."""

SCHEMA = """
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

CREATE TABLE attempts (
    n INTEGER PRIMARY KEY,
    query INTEGER NOT NULL REFERENCES queries(n),
    outcome TEXT NOT NULL CHECK (outcome IN ('sent', 'answered', 'failed', 'unknown')),
                                   -- sent: on its way; unknown: nobody waited for its end, perhaps billed
    sent REAL NOT NULL,            -- seconds since 1970, UTC
    ended REAL,
    reason TEXT,
    message TEXT,
    model TEXT,
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    request_id TEXT,
    raw BLOB                       -- the body as it came
) STRICT;
CREATE UNIQUE INDEX answer ON attempts(query) WHERE outcome = 'answered';
CREATE INDEX attempts_of ON attempts(query);

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
