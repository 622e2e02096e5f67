"""Large frozen diffusion models from local files: DDPM folders, Stable Diffusion 1.x folders, ADM checkpoints.

Beside teacher.py the only file that imports diffusers: it reads what others trained, teacher.py trains our own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..data import DataError
from ..teacher import PixelTeacher
from .adm import ADM_256, AdmLayout, read_adm, to_diffusers
from .targets import NoiseModel


def load_noise_model(path: Path, device: torch.device | str = "cpu") -> NoiseModel:
    """Load a teacher by what the path is. Raises DataError.

    FILE.safetensors   one of our own (noiselens-train teacher)
    FILE.pt            OpenAI guided-diffusion, 256 x 256 unconditional
    FOLDER with vae/   Stable Diffusion 1.x as diffusers saves it
    other FOLDER       a UNet2DModel of pixels as diffusers saves it, alone or in a pipeline's folder
    """
    if path.is_dir():
        return (_latent if (path / "vae").is_dir() else _pixel)(path, device)
    if path.suffix == ".pt":
        return adm_model(read_adm(path), ADM_256, path.stem, device)
    own = PixelTeacher.load(path, device)
    return NoiseModel(own.name, own.predict, own.alpha_bar, _same)


def _same(x: Tensor) -> Tensor:
    return x


def _frozen(module: Any, device: torch.device | str) -> Any:
    return module.to(device).eval().requires_grad_(False)


def _predictor(unet: nn.Module, channels: int) -> Callable[[Tensor, int], Tensor]:
    """Return eps_phi of a U-Net of pixels; a model that learned its variance has twice the channels."""

    def predict(x_t: Tensor, t: int) -> Tensor:
        return unet(x_t, torch.full((len(x_t),), t, device=x_t.device)).sample[:, :channels]  # type: ignore[no-any-return]

    return predict


def adm_model(state: dict[str, Tensor], layout: AdmLayout, name: str, device: torch.device | str) -> NoiseModel:
    """Return an ADM checkpoint as a teacher. Raises DataError when its weights are not those of the layout."""
    from diffusers import DDPMScheduler, UNet2DModel

    unet = UNet2DModel(**layout.diffusers_config())
    try:
        unet.load_state_dict(to_diffusers(state, layout))
    except (KeyError, RuntimeError, ValueError) as error:
        raise DataError(
            f"{name} is not the 256 x 256 unconditional model of guided-diffusion. Give 256x256_diffusion_uncond.pt."
        ) from error
    alpha_bar = DDPMScheduler(1000).alphas_cumprod.to(device)  # its linear schedule from 1e-4 to .02
    return NoiseModel(name, _predictor(_frozen(unet, device), 3), alpha_bar, _same)


def _load(kind: Any, folder: Path, part: str = "") -> Any:
    """Load one part of a diffusers or transformers folder without a network."""
    try:
        return kind.from_pretrained(folder / part, local_files_only=True)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise DataError(
            f"{folder / part} cannot be loaded as {kind.__name__}. Give a complete folder saved by diffusers."
        ) from error


def _alpha_bar(folder: Path, device: torch.device | str) -> Tensor:
    """Return the schedule of a folder that predicts noise; refuse one that predicts something else."""
    from diffusers import DDPMScheduler

    scheduler = _load(DDPMScheduler, folder, "scheduler") if (folder / "scheduler").is_dir() else DDPMScheduler(1000)
    if scheduler.config.prediction_type != "epsilon":
        raise DataError(
            f"{folder} predicts {scheduler.config.prediction_type} and not noise. Use a model with epsilon prediction."
        )
    return scheduler.alphas_cumprod.to(device)  # type: ignore[no-any-return]


def _pixel(folder: Path, device: torch.device | str) -> NoiseModel:
    from diffusers import UNet2DModel

    unet = _frozen(_load(UNet2DModel, folder, "unet" if (folder / "unet").is_dir() else ""), device)
    if unet.config.in_channels != 3:
        raise DataError(f"The model in {folder} has {unet.config.in_channels} channels. Use one of RGB pixels.")
    return NoiseModel(folder.name, _predictor(unet, 3), _alpha_bar(folder, device), _same)


def _latent(folder: Path, device: torch.device | str) -> NoiseModel:
    """Load VAE and U-Net, and embed the empty prompt once; the text encoder is not kept."""
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTextModel, CLIPTokenizer

    vae = _frozen(_load(AutoencoderKL, folder, "vae"), device)
    unet = _frozen(_load(UNet2DConditionModel, folder, "unet"), device)
    tokenizer, text = _load(CLIPTokenizer, folder, "tokenizer"), _load(CLIPTextModel, folder, "text_encoder").eval()
    length = text.config.max_position_embeddings
    with torch.inference_mode():
        tokens = tokenizer("", padding="max_length", max_length=length, truncation=True, return_tensors="pt").input_ids
        empty = text(tokens).last_hidden_state.to(device)  # (1, length, D)
    empty = empty.clone()  # out of inference mode

    def encode(x: Tensor) -> Tensor:
        return vae.encode(x).latent_dist.mode() * vae.config.scaling_factor  # type: ignore[no-any-return]

    def predict(z_t: Tensor, t: int) -> Tensor:
        steps = torch.full((len(z_t),), t, device=z_t.device)
        return unet(z_t, steps, encoder_hidden_states=empty.expand(len(z_t), -1, -1)).sample  # type: ignore[no-any-return]

    stride = 2 ** (len(vae.config.block_out_channels) - 1)
    return NoiseModel(folder.name, predict, _alpha_bar(folder, device), encode, vae.config.latent_channels, stride)


def load_autoencoder(folder: Path) -> Callable[[Tensor], Tensor]:
    """Return a pass of pictures (B, 3, H, W) in [-1, 1] through an AutoencoderKL or AutoencoderTiny folder.

    Sides are multiples of what its latent halves them by. Raises DataError.
    """
    import diffusers

    kinds = {"AutoencoderKL", "AutoencoderTiny"}
    try:
        name = json.loads((folder / "config.json").read_text(encoding="utf-8"))["_class_name"]
    except (OSError, ValueError, KeyError, TypeError):
        name = None
    if name not in kinds:
        raise DataError(f"{folder} is no autoencoder saved by diffusers. Give one of {' or '.join(sorted(kinds))}.")
    autoencoder = _frozen(_load(getattr(diffusers, name), folder), "cpu")

    @torch.no_grad()
    def remake(x: Tensor) -> Tensor:
        return autoencoder(x).sample.clamp(-1, 1)  # type: ignore[no-any-return]

    return remake
