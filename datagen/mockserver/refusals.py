"""The faults that cost nothing: an error status, at once. Each is one function under `@refusal`."""

from __future__ import annotations

from datagen.mockserver.faults import Reply, as_error, as_html, refusal


@refusal("500")
def internal() -> Reply:
    """500: an internal error, as JSON."""
    return as_error(500, "The mock server had an error, on purpose.", None, "server_error")


@refusal("502")
def bad_gateway() -> Reply:
    """502: a proxy's HTML page."""
    return as_html(502, "502 Bad Gateway")


@refusal("503")
def overloaded() -> Reply:
    """503: overloaded; retry-after is one second."""
    reply = as_error(503, "The mock server is overloaded, on purpose.", None, "server_error")
    return reply._replace(headers={**reply.headers, "retry-after": "1"})


@refusal("429")
def too_many() -> Reply:
    """429: a rate limit that does not say how long, without any header."""
    return as_error(429, "Too many requests, the mock server says on purpose.", "rate_limit_exceeded", "requests")


@refusal("quota")
def quota() -> Reply:
    """429 insufficient_quota: the account is empty."""
    return as_error(429, "This mock account has no quota left.", "insufficient_quota", "insufficient_quota")


@refusal("too-long")
def too_long() -> Reply:
    """400 context_length_exceeded: more tokens than the model takes."""
    return as_error(400, "The messages are longer than this mock's maximum context.", "context_length_exceeded")


@refusal("moderated")
def moderated() -> Reply:
    """403: the messages were flagged by moderation."""
    return as_error(403, "The messages were flagged by the mock's moderation.", "content_policy_violation")


@refusal("401")
def bad_key() -> Reply:
    """401: the key is not known."""
    return as_error(401, "This API key is not one that the mock accepts.", "invalid_api_key")


@refusal("404")
def unknown_model() -> Reply:
    """404: the model is not known."""
    return as_error(404, "The mock pretends not to know this model.", "model_not_found")
