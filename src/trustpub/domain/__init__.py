"""The pure heart: claims, publishers, matching, forms, tokens, names, releases. No I/O, no clock, no logging."""
