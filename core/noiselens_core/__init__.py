"""NoiseLens core: bytes or arrays in, a `Verdict` out; no window, no socket, no teacher."""

__version__ = "0.1.0"
