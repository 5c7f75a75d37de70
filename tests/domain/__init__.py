"""Tests of trustpub.domain."""
