"""Follow the money of a case from seeds that users name, under each doctrine, into tables, words and pictures."""
