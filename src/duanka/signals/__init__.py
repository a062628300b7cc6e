"""What is measured of an account: the field's typologies, one definition each, with its reason in words."""
