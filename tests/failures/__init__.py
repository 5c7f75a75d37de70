"""Failed releases: real clients made to fail against our own server, and what `trustpub explain` says of what they print."""
