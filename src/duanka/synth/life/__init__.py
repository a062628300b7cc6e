"""Ordinary life, one slice of days at a time: what would be in the records if there were no crime."""
