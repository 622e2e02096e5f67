"""Trainable backbones behind one interface: four feature maps out of transformers' ResNet, DINOv2 or CLIP tower.

The only file that imports transformers' vision models. Weights come from a local folder and never from a network.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..data import DataError

_IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_CLIP = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True)
class _Family:
    """How transformers calls a family of backbones, and how its training images were normalised."""

    config: str
    model: str
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]
    unused: tuple[str, ...]  # parameters that no feature map depends on


FAMILIES = {
    "resnet": _Family("ResNetConfig", "ResNetModel", *_IMAGENET, ()),
    "dinov2": _Family("Dinov2Config", "Dinov2Model", *_IMAGENET, ("mask_token",)),
    "clip": _Family("CLIPVisionConfig", "CLIPVisionModel", *_CLIP, ("post_layernorm",)),
}


class Adapted(nn.Module):
    """A frozen linear layer with a trainable one of low rank beside it (LoRA, Hu et al. 2021): W x + B A x.

    B starts at zero, so that the first step is taken from what was pre-trained.
    """

    def __init__(self, layer: nn.Linear, rank: int):
        super().__init__()
        self.layer = layer.requires_grad_(False)
        self.down = nn.Linear(layer.in_features, rank, bias=False)
        self.up = nn.Linear(rank, layer.out_features, bias=False)
        nn.init.zeros_(self.up.weight)

    def forward(self, x: Tensor) -> Tensor:
        """(..., in) -> (..., out)."""
        return self.layer(x) + self.up(self.down(x))  # type: ignore[no-any-return]


class Backbone(nn.Module):
    """One of the families, with its images normalised as in its pre-training.

    Attributes:
        family: resnet, dinov2 or clip.
        config: transformers' description, enough to build it again.
        channels: width of the four maps.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, family: str, body: Any):
        super().__init__()
        known = FAMILIES[family]
        self.family, self.config, self.body = family, body.config.to_dict(), body
        for name, parameter in body.named_parameters():
            parameter.requires_grad_(not any(part in name for part in known.unused))
        config = body.config
        if family == "resnet":
            self.channels, self._taps = tuple(config.hidden_sizes[-4:]), (-4, -3, -2, -1)
        else:
            depth = config.num_hidden_layers
            self._taps = tuple(max(1, depth * quarter // 4) for quarter in (1, 2, 3, 4))
            self.channels = (config.hidden_size,) * 4
        self.register_buffer("mean", torch.tensor(known.mean).view(3, 1, 1), persistent=False)
        self.register_buffer("deviation", torch.tensor(known.deviation).view(3, 1, 1), persistent=False)

    def adapt(self, rank: int) -> None:
        """Freeze everything and put adapters of that rank beside the products of every attention. Raises DataError."""
        # Query, key, value and projection, whose own names differ from one release of transformers to the next.
        products = [(n, m) for n, m in self.body.named_modules() if isinstance(m, nn.Linear) and "att" in n]
        if not products:
            raise DataError(f"Adapters are for dinov2 and clip, not for {self.family}. Set lora = 0.")
        self.body.requires_grad_(False)
        for name, module in products:
            parent, _, last = name.rpartition(".")
            setattr(self.body.get_submodule(parent), last, Adapted(module, rank))

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return F1..F4 (B, C_i, h_i, w_i), fine to coarse, for x (B, 3, H, W) in [-1, 1].

        A ResNet's stages at strides 4, 8, 16 and 32; a ViT's tokens after each quarter of its blocks, all at the
        stride of its patches, the last normalised where the family does so.
        """
        pixels = ((x + 1) / 2 - self.mean) / self.deviation
        if self.family == "resnet":
            return list(self.body(pixels, output_hidden_states=True).hidden_states[-4:])
        patch = self.body.config.patch_size
        size = (x.shape[-2] // patch, x.shape[-1] // patch)
        options = {"interpolate_pos_encoding": True} if self.family == "clip" else {}
        output = self.body(pixels, output_hidden_states=True, **options)
        states = [output.hidden_states[tap] for tap in self._taps]
        if self.family == "dinov2":
            states[-1] = output.last_hidden_state
        return [s[:, 1:].transpose(1, 2).unflatten(2, size) for s in states]  # without the class token


def load_backbone(family: str, folder: str) -> Backbone:
    """Load pretrained weights from a local folder, or make the family's default shape afresh when it is "".

    Raises DataError.
    """
    import transformers

    transformers.utils.logging.disable_progress_bar()  # the run has one of its own
    known = _family(family)
    model, config = getattr(transformers, known.model), getattr(transformers, known.config)
    if not folder:
        return Backbone(family, model(config()))
    if not Path(folder).is_dir():
        raise DataError(f"There is no folder {folder} with a {family} backbone. Save one there with transformers.")
    try:
        return Backbone(family, model.from_pretrained(folder, local_files_only=True))
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise DataError(f"{folder} cannot be loaded as {known.model}. Give a folder saved by transformers.") from error


def build_backbone(family: str, config: dict[str, Any]) -> Backbone:
    """Make a backbone of a saved shape, its weights still random. Raises DataError."""
    import transformers

    known = _family(family)
    return Backbone(family, getattr(transformers, known.model)(getattr(transformers, known.config).from_dict(config)))


def _family(name: str) -> _Family:
    if name not in FAMILIES:
        raise DataError(f"There is no backbone '{name}'. Use one of: {', '.join(FAMILIES)}.")
    return FAMILIES[name]
