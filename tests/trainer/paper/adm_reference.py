"""The forward pass of guided-diffusion's U-Net, written from its published layout on tensors under its own names."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from noiselens_trainer.paper.adm import AdmLayout

State = dict[str, Tensor]


def random_state(layout: AdmLayout, seed: int = 0) -> State:
    """Return weights for a layout under the original names, none of them zero."""
    generator = torch.Generator().manual_seed(seed)
    state: State = {}

    def layer(name: str, *shape: int) -> None:
        fan_in = math.prod(shape[1:])
        state[f"{name}.weight"] = torch.randn(*shape, generator=generator) / math.sqrt(fan_in)
        state[f"{name}.bias"] = torch.randn(shape[0], generator=generator) * 0.1

    def norm(name: str, width: int) -> None:
        state[f"{name}.weight"] = 1 + torch.randn(width, generator=generator) * 0.1
        state[f"{name}.bias"] = torch.randn(width, generator=generator) * 0.1

    def resnet(name: str, before: int, after: int) -> None:
        norm(f"{name}.in_layers.0", before)
        layer(f"{name}.in_layers.2", after, before, 3, 3)
        layer(f"{name}.emb_layers.1", 2 * after, 4 * layout.channels[0])
        norm(f"{name}.out_layers.0", after)
        layer(f"{name}.out_layers.3", after, after, 3, 3)
        if before != after:
            layer(f"{name}.skip_connection", after, before, 1, 1)

    def attention(name: str, width: int) -> None:
        norm(f"{name}.norm", width)
        layer(f"{name}.qkv", 3 * width, width, 1)
        layer(f"{name}.proj_out", width, width, 1)

    width, last = layout.channels[0], len(layout.channels) - 1
    layer("time_embed.0", 4 * width, width)
    layer("time_embed.2", 4 * width, 4 * width)
    layer("input_blocks.0.0", width, 3, 3, 3)
    now, skips, block = width, [width], 1
    for level, after in enumerate(layout.channels):
        for _ in range(layout.layers):
            resnet(f"input_blocks.{block}.0", now, after)
            if layout.attention[level]:
                attention(f"input_blocks.{block}.1", after)
            now, block = after, block + 1
            skips.append(now)
        if level < last:
            resnet(f"input_blocks.{block}.0", now, now)
            skips.append(now)
            block += 1
    resnet("middle_block.0", now, now)
    attention("middle_block.1", now)
    resnet("middle_block.2", now, now)
    block = 0
    for level in reversed(range(len(layout.channels))):
        after = layout.channels[level]
        for i in range(layout.layers + 1):
            resnet(f"output_blocks.{block}.0", now + skips.pop(), after)
            now, place = after, 1
            if layout.attention[level]:
                attention(f"output_blocks.{block}.1", now)
                place = 2
            if level and i == layout.layers:
                resnet(f"output_blocks.{block}.{place}", now, now)
            block += 1
    norm("out.0", width)
    layer("out.2", 6, width, 3, 3)
    return state


def forward(state: State, layout: AdmLayout, x: Tensor, t: int) -> Tensor:
    """Return the six channels the original gives for x (B, 3, H, W) at time step t."""

    def linear(name: str, y: Tensor) -> Tensor:
        return F.linear(y, state[f"{name}.weight"], state[f"{name}.bias"])

    def conv(name: str, y: Tensor) -> Tensor:
        weight = state[f"{name}.weight"]
        return F.conv2d(y, weight, state[f"{name}.bias"], padding=weight.shape[-1] // 2)

    def norm(name: str, y: Tensor) -> Tensor:
        return F.group_norm(y, layout.groups, state[f"{name}.weight"], state[f"{name}.bias"])

    def resnet(name: str, y: Tensor, change: str = "") -> Tensor:
        h = F.silu(norm(f"{name}.in_layers.0", y))
        if change == "down":
            h, y = F.avg_pool2d(h, 2), F.avg_pool2d(y, 2)
        if change == "up":
            h, y = (F.interpolate(v, scale_factor=2, mode="nearest") for v in (h, y))
        h = conv(f"{name}.in_layers.2", h)
        scale, shift = linear(f"{name}.emb_layers.1", F.silu(emb))[..., None, None].chunk(2, 1)
        h = norm(f"{name}.out_layers.0", h) * (1 + scale) + shift
        h = conv(f"{name}.out_layers.3", F.silu(h))
        return (conv(f"{name}.skip_connection", y) if f"{name}.skip_connection.weight" in state else y) + h

    def attention(name: str, y: Tensor) -> Tensor:
        b, c, *side = y.shape
        flat = y.reshape(b, c, -1)
        h = norm(f"{name}.norm", flat)
        qkv = F.conv1d(h, state[f"{name}.qkv.weight"], state[f"{name}.qkv.bias"])
        d = layout.head_channels
        q, k, v = qkv.reshape(b * c // d, 3 * d, -1).chunk(3, 1)  # heads first, then q, k and v of each
        weight = torch.softmax(torch.einsum("bct,bcs->bts", q, k) / math.sqrt(d), -1)
        a = torch.einsum("bts,bcs->bct", weight, v).reshape(b, c, -1)
        out = F.conv1d(a, state[f"{name}.proj_out.weight"], state[f"{name}.proj_out.bias"])
        return (flat + out).reshape(b, c, *side)

    width, last = layout.channels[0], len(layout.channels) - 1
    rates = torch.exp(-math.log(10000) * torch.arange(width // 2) / (width // 2))
    angles = torch.full((len(x), 1), float(t)) * rates
    emb = torch.cat((angles.cos(), angles.sin()), 1)
    emb = linear("time_embed.2", F.silu(linear("time_embed.0", emb)))
    h = conv("input_blocks.0.0", x)
    skips, block = [h], 1
    for level in range(len(layout.channels)):
        for _ in range(layout.layers):
            h = resnet(f"input_blocks.{block}.0", h)
            if layout.attention[level]:
                h = attention(f"input_blocks.{block}.1", h)
            skips.append(h)
            block += 1
        if level < last:
            h = resnet(f"input_blocks.{block}.0", h, "down")
            skips.append(h)
            block += 1
    h = resnet("middle_block.2", attention("middle_block.1", resnet("middle_block.0", h)))
    block = 0
    for level in reversed(range(len(layout.channels))):
        for i in range(layout.layers + 1):
            h = resnet(f"output_blocks.{block}.0", torch.cat((h, skips.pop()), 1))
            if layout.attention[level]:
                h = attention(f"output_blocks.{block}.1", h)
            if level and i == layout.layers:
                h = resnet(f"output_blocks.{block}.{2 if layout.attention[level] else 1}", h, "up")
            block += 1
    return conv("out.2", F.silu(norm("out.0", h)))
