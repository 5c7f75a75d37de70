"""Whole journeys: real processes, real clients, real files."""
