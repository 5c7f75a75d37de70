"""Archives: distributions opened in other processes, listed and read, never extracted."""
