"""`python -m duanka`."""

from duanka.cli import main

main()
