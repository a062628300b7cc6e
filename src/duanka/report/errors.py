"""What can go wrong when something is to leave the house."""


class ReportError(ValueError):
    """Something can't be written as asked; the message says what can."""
