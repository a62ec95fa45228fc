"""A Service Bus broker for one machine: AMQP 1.0 in front, SQLite behind."""
