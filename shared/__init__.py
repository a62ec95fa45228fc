"""The service itself: pure domain, use cases, ports and the adapters behind them."""
