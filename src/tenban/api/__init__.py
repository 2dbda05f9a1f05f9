"""HTTP, WebSocket and MQTT contracts for tills, tablets and integrators."""
