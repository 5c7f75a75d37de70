"""The index behind this one."""
