"""What others decided, held against what we decide."""
