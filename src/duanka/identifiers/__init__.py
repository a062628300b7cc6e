"""Identifiers: ID card, USCC, bank card, phone, IMEI, MAC, IP. Pure validators and normalisers with dated tables."""
