"""Who signs ID tokens: the strict verifier, the keys and how they are fetched, and an emulated GitHub for rehearsals."""
