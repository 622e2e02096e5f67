"""The frozen encoder's matrix products on a CPU, as fast as its processor can and equal up to rounding.

Its weights are 8-bit integers with one scale a row (encoder_weights.py), so where a processor multiplies 8-bit integers
(AVX512-VNNI) only the other factor has to be written in them too. One digit a number would be faster still, but moves
logits by .2 to .5, differently in every engine; two digits move them by a few thousandths (docs/RESULTS.md 5).
Elsewhere oneDNN computes the single-precision products that torch gives to MKL, which leaves half of a processor of
another maker than Intel unused.
"""

from __future__ import annotations

import platform
from collections.abc import Callable

import torch
from torch import Tensor, nn

from .model import Encoder

X86 = ("x86_64", "AMD64")
DIGIT = 127  # the largest magnitude of an 8-bit digit; -128 stays unused, as in the weights
SECOND = 2 * DIGIT  # what the first digit leaves, at most half of its unit, is counted in this many parts of the unit


class OneDnnLinear(nn.Module):
    """A linear layer that is not trained any more. Raises RuntimeError where oneDNN is not there."""

    def __init__(self, linear: nn.Linear):
        super().__init__()
        self.weight = linear.weight.detach().to_mkldnn()
        self.bias = linear.bias.detach().to_mkldnn()

    def forward(self, x: Tensor) -> Tensor:
        """(..., in) -> (..., out), float32."""
        return torch.ops.aten.mkldnn_linear(x.to_mkldnn(), self.weight, self.bias).to_dense()  # type: ignore[no-any-return]


class Room:
    """Memory in which the layers of one encoder take turns; asking the system for it anew each time costs a quarter."""

    def __init__(self) -> None:
        self._held: dict[torch.dtype, Tensor] = {}

    def take(self, rows: int, columns: int, dtype: torch.dtype) -> Tensor:
        """Return (rows, columns) of that type with whatever they held, until the next taking of the type."""
        held = self._held.get(dtype)
        if held is None or held.numel() < rows * columns:
            held = self._held[dtype] = torch.empty(rows * columns, dtype=dtype)
        return held[: rows * columns].view(rows, columns)


class IntegerLinear(nn.Module):
    """A linear layer of 8-bit weights, whose products are exact sums of integers; not thread-safe.

    Every row x of the input is written as u (d1 + d2 / SECOND), u its largest magnitude / DIGIT: error u / (2 SECOND).
    Its weights are loaded (`encoder_weights.load_integers`), never made out of floats.
    """

    weight: Tensor
    scale: Tensor
    bias: Tensor

    def __init__(self, inside: int, outside: int, room: Room):
        super().__init__()
        self._room = room
        self.register_buffer("weight", torch.zeros(outside, inside, dtype=torch.int8))
        self.register_buffer("scale", torch.ones(outside))  # what a unit of the row stands for
        self.register_buffer("bias", torch.zeros(outside))

    def forward(self, x: Tensor) -> Tensor:
        """(..., in) -> (..., out), float32."""
        rows = x.reshape(-1, x.shape[-1])
        n, inside = rows.shape
        digits = self._room.take(2 * n, inside, torch.int8)
        sums = self._room.take(2 * n, len(self.weight), torch.int32)
        both = self._room.take(2 * n, inside, torch.float32)
        rest, whole = both[:n], both[n:]
        unit = torch.abs(rows, out=rest).amax(1, keepdim=True).div_(DIGIT).clamp_min_(torch.finfo(x.dtype).tiny)
        torch.div(rows, unit, out=rest)
        digits[:n] = torch.round(rest, out=whole)
        digits[n:] = rest.sub_(whole).mul_(SECOND).round_()
        torch._int_mm(digits, self.weight.t(), out=sums)
        y = sums[:n].float().add_(sums[n:], alpha=1 / SECOND).mul_(unit)
        return torch.addcmul(self.bias, y, self.scale, out=y).view(*x.shape[:-1], -1)


def multiplies_integers(device: torch.device) -> bool:
    """Say whether 8-bit products are fast and exact there: without VNNI sums of two saturate at 16 bits."""
    return device.type == "cpu" and platform.machine() in X86 and torch.cpu._is_vnni_supported()


def expect_integers(encoder: Encoder) -> None:
    """Give an encoder that has no weights yet the layers that `encoder_weights.load_integers` fills."""
    room = Room()
    _replace(encoder, lambda layer: IntegerLinear(layer.in_features, layer.out_features, room))


def quicken(encoder: Encoder) -> None:
    """Let a frozen encoder of floats that lies on a CPU of this kind compute its products through oneDNN.

    It then has no weights to save, move or export: only for a copy that does nothing but look at images.
    """
    there = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    if there and platform.machine() in X86 and encoder.class_token.device.type == "cpu":
        _replace(encoder, OneDnnLinear)


def _replace(encoder: Encoder, make: Callable[[nn.Linear], nn.Module]) -> None:
    for block in encoder.blocks:
        for name, layer in list(block.named_children()):
            if isinstance(layer, nn.Linear):
                setattr(block, name, make(layer))
