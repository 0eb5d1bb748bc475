"""What the commands say to the person at the terminal."""


class Problem(Exception):
    """Something is missing on this machine; the text is one sentence that names the remedy."""


def say(text):
    """Print one progress line at once, whoever reads it."""
    print(f"==> {text}", flush=True)
