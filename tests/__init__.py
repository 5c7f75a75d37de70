"""The tests of trustpub; they mirror the package."""
