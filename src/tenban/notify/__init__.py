"""The durable outbox: notices to people and commands to devices, delivered in order, once."""
