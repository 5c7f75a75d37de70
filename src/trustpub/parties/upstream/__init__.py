"""The index behind this one, from which names are answered that do not exist here."""
