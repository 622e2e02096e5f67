"""NoiseLens desktop: the Qt app and the bridge that browsers talk to."""
