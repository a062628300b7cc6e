"""What holds for every test."""

from hypothesis import settings

settings.register_profile("no clock", deadline=None)  # a test never asserts a wall time
settings.load_profile("no clock")
