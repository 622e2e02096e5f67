"""What importing the core costs: torch comes with the first judgement, Qt and sockets never."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import pytest

import noiselens_core

NEEDS_TORCH = {"checkpoint", "detector", "device", "encoder_weights", "model", "products"}
MODULES = sorted({module.name for module in pkgutil.iter_modules(noiselens_core.__path__)})


def loaded_by(*modules: str) -> set[str]:
    """Return the top-level modules a fresh interpreter has after importing these modules of the core."""
    statement = ";".join(f"import noiselens_core.{module}" for module in modules)
    program = f"import sys;{statement};print(*{{name.partition('.')[0] for name in sys.modules}})"
    return set(
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    )


def test_only_what_runs_the_network_loads_torch() -> None:
    light = loaded_by(*(module for module in MODULES if module not in NEEDS_TORCH))
    assert "torch" not in light
    assert "numpy" in light


@pytest.mark.parametrize("module", ["images", "verdict", "library", "overlay", "cli", "batch", "report"])
def test_the_front_rooms_are_among_the_light_ones(module: str) -> None:
    if module not in MODULES:
        pytest.skip(f"noiselens_core.{module} is not there yet")
    assert module not in NEEDS_TORCH


def test_the_core_loads_no_window_no_server_no_trainer() -> None:
    strangers = {
        "PySide6",
        "websockets",
        "diffusers",
        "accelerate",
        "matplotlib",
        "noiselens_desktop",
        "noiselens_trainer",
    }
    assert not loaded_by(*MODULES) & strangers


def test_loading_a_detector_brings_neither_a_compiler_nor_algebra() -> None:
    program = (
        "import sys; from noiselens_core.detector import Detector; Detector.load(None, 'cpu'); "
        "print({'sympy', 'torch._dynamo'} & set(sys.modules))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "set()"
