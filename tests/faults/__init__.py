"""Each fault that can befall a run, made on purpose, and judged by the server's own account of what it billed."""
