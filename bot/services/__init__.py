"""One use case, one function: gather, decide, do."""
