"""What happens when the power goes: kill -9 under load, and the order in which things become durable."""
