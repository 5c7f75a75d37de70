"""Tests of trustpub.domain.providers."""
