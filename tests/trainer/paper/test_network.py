"""Backbones of three families under one interface, and the network around them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from tests.trainer.paper.conftest import SHAPES, TINY_NETWORK

from noiselens_trainer.data import DataError
from noiselens_trainer.paper.backbones import load_backbone
from noiselens_trainer.paper.config import NetworkConfig
from noiselens_trainer.paper.network import PaperNetwork, noise_energy

Folder = Callable[[str], Path]
SIZES = {"resnet": [56, 28, 14, 7], "dinov2": [16] * 4, "clip": [14] * 4}


@pytest.mark.parametrize("family", SHAPES)
def test_a_backbone_gives_four_maps_that_follow_the_picture(backbone_folder: Folder, family: str) -> None:
    backbone = load_backbone(family, str(backbone_folder(family))).eval()
    x = torch.rand(2, 3, 224, 224) * 2 - 1
    with torch.no_grad():
        maps = backbone(x)
        # A ResNet's receptive field and a ViT's attention reach everywhere, but a change shows most where it was made.
        x[1] = x[0]
        x[1, :, :64, :64] += 0.5
        changed = backbone(x)[0]
    assert [tuple(m.shape[2:]) for m in maps] == [(s, s) for s in SIZES[family]]
    assert tuple(m.shape[1] for m in maps) == backbone.channels
    moved = (changed[0] - changed[1]).abs().mean(0)
    third = moved.shape[0] // 4
    assert moved[:third, :third].mean() > 2 * moved[-third:, -third:].mean()


@pytest.mark.parametrize("family", SHAPES)
def test_every_trained_parameter_gets_a_gradient(backbone_folder: Folder, family: str) -> None:
    # Several processes wait for each other's gradients: one that never comes would stop them.
    network = PaperNetwork(
        NetworkConfig(family, **TINY_NETWORK),  # type: ignore[arg-type]
        load_backbone(family, str(backbone_folder(family))),
    ).train()
    output = network(torch.rand(2, 3, 64, 64) * 2 - 1)
    assert output.attention is not None
    (output.logit.sum() + output.noise.square().sum() + output.attention.square().sum()).backward()
    without = [name for name, p in network.named_parameters() if p.requires_grad and p.grad is None]
    assert without == []


@pytest.mark.parametrize(("channels", "stride"), [(3, 1), (4, 8)])
def test_the_noise_has_the_shape_of_the_teachers(backbone_folder: Folder, channels: int, stride: int) -> None:
    config = NetworkConfig(**TINY_NETWORK)  # type: ignore[arg-type]
    network = PaperNetwork(config, load_backbone("resnet", str(backbone_folder("resnet"))), channels, stride).eval()
    with torch.no_grad():
        output = network(torch.rand(2, 3, 96, 64) * 2 - 1)
    assert output.noise.shape == (2, channels, 96 // stride, 64 // stride)
    assert output.attention is not None
    assert torch.allclose(output.attention.sum((2, 3)), torch.ones(2, 2))


def test_the_attention_looks_where_noise_is_predicted(backbone_folder: Folder) -> None:
    network = PaperNetwork(
        NetworkConfig(**TINY_NETWORK),  # type: ignore[arg-type]
        load_backbone("resnet", str(backbone_folder("resnet"))),
    )
    attention = network.attention
    assert attention is not None
    assert attention.energy_bias is not None
    torch.nn.init.ones_(attention.energy_bias.weight)
    noise = torch.zeros(1, 3, 128, 128)
    noise[..., :32, :32] = 5
    _, a = attention(torch.zeros(1, 24, 4, 4), noise)
    assert a[0, 0].argmax() == 0
    # In the one bright cell of 16: log1p(5) + log1p(25) more than elsewhere, before the softmax.
    assert noise_energy(noise, (4, 4))[0, :, 0, 0].tolist() == pytest.approx([1.7918, 3.2581], abs=1e-4)


def test_frozen_batch_norms_keep_their_statistics(backbone_folder: Folder) -> None:
    def statistics(freeze: bool) -> tuple[torch.Tensor, torch.Tensor]:
        config = NetworkConfig(freeze_batch_norm=freeze, **TINY_NETWORK)  # type: ignore[arg-type]
        network = PaperNetwork(config, load_backbone("resnet", str(backbone_folder("resnet")))).train()
        norm = next(m for m in network.modules() if isinstance(m, torch.nn.BatchNorm2d))
        assert norm.running_mean is not None
        before = norm.running_mean.clone()
        network(torch.rand(2, 3, 64, 64))
        return before, norm.running_mean

    assert torch.equal(*statistics(freeze=True))
    assert not torch.equal(*statistics(freeze=False))


def test_a_backbone_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is no folder"):
        load_backbone("clip", str(tmp_path / "none"))
    with pytest.raises(DataError, match="cannot be loaded as Dinov2Model"):
        load_backbone("dinov2", str(tmp_path))
    with pytest.raises(DataError, match="Use one of: resnet, dinov2, clip"):
        load_backbone("vgg", "")


@pytest.mark.parametrize("family", ["dinov2", "clip"])
def test_adapters_start_where_the_backbone_stands_and_alone_are_trained(backbone_folder: Folder, family: str) -> None:
    x = torch.rand(2, 3, 64, 64) * 2 - 1
    whole = load_backbone(family, str(backbone_folder(family))).eval()
    config = NetworkConfig(family, lora=2, **TINY_NETWORK)  # type: ignore[arg-type]
    network = PaperNetwork(config, load_backbone(family, str(backbone_folder(family))))
    with torch.no_grad():
        for one, other in zip(whole(x), network.backbone.eval()(x), strict=True):
            assert torch.equal(one, other)
    trained = {name: p for name, p in network.backbone.named_parameters() if p.requires_grad}
    assert len(trained) == 4 * 4 * 2  # four products a block, four blocks, two matrices
    assert all(name.endswith(("down.weight", "up.weight")) and 2 in p.shape for name, p in trained.items())
    before = {name: p.detach().clone() for name, p in network.backbone.named_parameters()}
    optimizer = torch.optim.SGD([p for p in network.parameters() if p.requires_grad], lr=1.0)
    for _ in range(2):  # the first step moves B, the second A
        optimizer.zero_grad()
        network(x).logit.sum().backward()
        optimizer.step()
    moved = {name for name, p in network.backbone.named_parameters() if not torch.equal(p, before[name])}
    assert moved == set(trained)


def test_a_resnet_takes_no_adapters(backbone_folder: Folder) -> None:
    config = NetworkConfig(lora=2, **TINY_NETWORK)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="Set lora = 0"):
        PaperNetwork(config, load_backbone("resnet", str(backbone_folder("resnet"))))
