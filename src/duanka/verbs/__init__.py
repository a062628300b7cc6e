"""The verbs of the command line: what each takes, which call it makes, and what it prints. `cli` names them."""
