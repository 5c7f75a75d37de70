"""How each provider's claims are matched: `pypi` as PyPI does it, `trustpub` as our own index does."""
