"""Turns to text of record and passages: pseudonymisation, sentences, and the units that are coded."""
