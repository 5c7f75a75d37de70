"""HTTP: one file a route in `api/`, the read path in `fast.py`; nothing here decides, it asks the use cases."""
