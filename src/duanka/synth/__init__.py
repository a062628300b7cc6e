"""The labelled generator: a small country's payments, phones and devices, with rings hidden in it, and the truth.

It is there to build and to test detection without anybody's real records. How well something does on it says nothing
of how well it does in the field.
"""
