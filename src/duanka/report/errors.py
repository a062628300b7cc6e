"""What can go wrong when something is to leave the house."""

from duanka.messages.told import ToldError


class ReportError(ToldError, ValueError):
    """Something can't be written as asked; the message says what can."""
