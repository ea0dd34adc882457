"""An OpenAI-compatible server over the mock writer, for tests and demos: real HTTP, no key, no cost, no network."""
