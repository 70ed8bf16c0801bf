"""Others' words, made harmless for whoever shows them."""


def printable(text: str) -> str:
    """Without line breaks, control characters, and marks that turn the direction of reading: a blank for each."""
    return "".join(c if c.isprintable() else " " for c in text)
