"""trustpub publishes Python packages without tokens, and proves it before the tag is pushed."""
