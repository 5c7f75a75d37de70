"""GitHub as a party: what it tells of a repository, and what it is asked to change."""
