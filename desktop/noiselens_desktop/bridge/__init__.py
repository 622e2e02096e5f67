"""The loopback bridge: a pure protocol under a thin server (extension/PROTOCOL.md)."""
