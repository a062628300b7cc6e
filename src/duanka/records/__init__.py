"""What a record is: Arrow schemas, vocabularies, money and time. Imports nothing of ours and does no I/O."""
