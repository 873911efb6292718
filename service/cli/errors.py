"""What ends a command with a sentence and exit status 2."""


class Unusable(Exception):
    """The message is for people and ends without a full stop."""
