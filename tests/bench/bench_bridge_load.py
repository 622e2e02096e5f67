"""The bridge under load: 10,000 idle connections, then 16 images of 32 MiB at once.

Run: python tests/bench/bench_bridge_load.py. The server is a process of its own, so its memory is its alone. Goals: a
paired browser gets in within a second, the server grows by less than 100 MiB and logs fewer than 20 lines; with the
large images it grows by no more than its budget of 128 MiB.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bridge.flood import LARGE, idle_connections, large_images, serving

from noiselens_desktop.bridge.protocol import IMAGE_BYTES
from noiselens_desktop.bridge.server import BUDGET_BYTES

MIB = 2**20
IDLE = 10_000


def main() -> None:
    """Measure and print."""
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, IDLE + 2000), hard))
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        idle = idle_connections(server, IDLE)
        let_in = f"a paired browser got in after {idle.let_in_s * 1e3:.0f} ms"
        print(f"{idle.opened:,} idle connections in {idle.flooded_s:.1f} s: {let_in}")
        print(f"  and the server grew by {idle.grown_mib:.0f} MiB")
        print(f"lines in its log: {len(server.log.read_text('utf-8').splitlines())}")
        took_s, grown = large_images(server)
        print(f"{LARGE} x {IMAGE_BYTES // MIB} MiB at once: all answered after {took_s:.1f} s")
        print(f"  and the server grew by {grown:.0f} MiB (budget {BUDGET_BYTES // MIB} MiB)")


if __name__ == "__main__":
    main()
