"""The frozen encoder's products: as fast as the processor can, and the same verdicts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from noiselens_core import checkpoint
from noiselens_core.checkpoint import SHIPPED_DETECTOR, load_detector
from noiselens_core.crops import cut, to_unit, windows
from noiselens_core.images import Decoder
from noiselens_core.model import AnlDetector
from noiselens_core.products import IntegerLinear, OneDnnLinear, Room, multiplies_integers

CPU = torch.device("cpu")
SAMPLES = sorted((Path(__file__).parents[2] / "core/noiselens_core/samples").glob("*.[jp][pn]g"))
needs_integers = pytest.mark.skipif(not multiplies_integers(CPU), reason="this processor has no 8-bit products (VNNI)")


def _layers(model: AnlDetector) -> set[type]:
    names = ("qkv", "out", "up", "down")
    return {type(block.get_submodule(name)) for block in model.encoder.blocks for name in names}


def _windows_of_samples() -> Tensor:
    with Decoder() as decoder:
        pictures = [decoder.decode_file(path).pixels for path in SAMPLES]
    return torch.from_numpy(to_unit(np.concatenate([cut(p, windows(p.shape[1], p.shape[0])) for p in pictures])))


@pytest.mark.parametrize("integers", [False, pytest.param(True, marks=needs_integers)])
def test_the_quickest_products_change_no_verdict(monkeypatch: pytest.MonkeyPatch, integers: bool) -> None:
    monkeypatch.setattr(checkpoint, "multiplies_integers", lambda _: integers)
    plain, _ = load_detector(SHIPPED_DETECTOR, CPU)
    quick, _ = load_detector(SHIPPED_DETECTOR, CPU, looking=True)
    assert _layers(plain) == {nn.Linear}
    assert _layers(quick) == {IntegerLinear if integers else OneDnnLinear}
    x = _windows_of_samples()
    with torch.inference_mode():
        before, after = plain(x), quick(x)
        alone = torch.cat([quick(window[None]).logit for window in x])
    assert torch.allclose(before.logit, after.logit, atol=0.02 if integers else 1e-4)
    assert torch.allclose(before.evidence, after.evidence, atol=0.1 if integers else 1e-3)
    assert torch.allclose(alone, after.logit, atol=1e-4)  # with whom a window is judged must not matter


@needs_integers
@pytest.mark.parametrize("loud", [1.0, 1000.0])
def test_products_of_integers_are_as_near_as_two_digits_are(loud: float) -> None:
    generator = torch.Generator().manual_seed(1)
    integers = IntegerLinear(96, 40, Room())
    integers.weight.copy_(torch.randint(-127, 128, (40, 96), generator=generator))
    integers.scale.fill_(1e-3)
    integers.bias.copy_(torch.randn(40, generator=generator))
    weight = integers.weight * integers.scale[:, None]
    x = torch.randn(2, 33, 96, generator=generator)
    x[..., 5] *= loud  # transformers have channels that are louder than all others
    x[1, 7] = 0
    largest = x.abs().amax(-1, keepdim=True)
    worst = largest / 127 / (2 * 254) * weight.abs().sum(1)
    assert ((integers(x) - (x @ weight.T + integers.bias)).abs() <= worst + 1e-5 * largest).all()
    assert torch.equal(integers(x)[1, 7], integers.bias)


def test_integers_are_only_for_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not multiplies_integers(torch.device("meta"))
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    assert not multiplies_integers(CPU)
