"""One verb a file: what a person or a client asks for, from values to values; time, disk and network come in as arguments."""
