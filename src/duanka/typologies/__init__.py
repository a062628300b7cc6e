"""Typologies that users write: a condition over the published signals, with its own tests, tried before it counts."""
