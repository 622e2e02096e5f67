"""The frozen diffusion model whose noise supervises the detector; the only file that imports diffusers."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from noiselens_core.checkpoint import WEIGHTS
from noiselens_core.crops import to_unit
from noiselens_core.errors import ImageRefusedError
from noiselens_core.progress import Progress

from .augment import Pixels
from .config import TeacherConfig
from .data import DataError, ImageCache, Sample, random_crop
from .pace import Pace
from .state import load_state, save_state, update_ema

SHIPPED_TEACHER = "noiselens-teacher-1"
SHIPPED_TEACHER_FILE = WEIGHTS / f"{SHIPPED_TEACHER}.safetensors"
DRAWN_PX = 160  # side of a picture drawn from nothing


def _unet(config: TeacherConfig) -> nn.Module:
    from diffusers import UNet2DModel  # takes seconds: only when a teacher is needed

    levels = len(config.channels)
    return UNet2DModel(  # type: ignore[no-any-return]
        sample_size=config.crop_px,
        in_channels=3,
        out_channels=3,
        block_out_channels=config.channels,
        layers_per_block=1,
        norm_num_groups=8,
        down_block_types=("DownBlock2D",) * levels,
        up_block_types=("UpBlock2D",) * levels,
        add_attention=False,
    )


class PixelTeacher:
    """A frozen pixel-space DDPM (docs/METHOD.md 1.4).

    Attributes:
        config: how it was trained.
        name: its id, or "unnamed".
        alpha_bar: (T,) cumulative products of the linear schedule.
    """

    def __init__(
        self, unet: nn.Module, config: TeacherConfig, device: torch.device | str = "cpu", name: str = "unnamed"
    ):
        from diffusers import DDPMScheduler

        self.config, self.name = config, name
        self._unet = unet.to(device).eval().requires_grad_(False)
        self._device = torch.device(device)
        self.alpha_bar: Tensor = DDPMScheduler(config.train_timesteps).alphas_cumprod.to(device)

    @classmethod
    def load(cls, path: Path, device: torch.device | str = "cpu") -> PixelTeacher:
        """Load a teacher that `save` wrote. Raises DataError when the file is none."""
        try:
            with safe_open(path, "pt") as file:
                metadata = file.metadata()
                config = json.loads(metadata["teacher"])
                tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        except Exception as error:
            raise DataError(f"{path} is no teacher ({error}). Train one with: noiselens-train teacher") from error
        config = TeacherConfig(**{**config, "channels": tuple(config["channels"])})
        unet = _unet(config)
        unet.load_state_dict({k: v.float() for k, v in tensors.items()})
        return cls(unet, config, device, metadata.get("id", "unnamed"))

    @classmethod
    def untrained(cls, config: TeacherConfig, device: torch.device | str = "cpu") -> PixelTeacher:
        """Return a teacher that has learned nothing: its noise is a random function of the picture."""
        torch.manual_seed(config.seed)
        return cls(_unet(config), config, device, "untrained")

    @torch.no_grad()
    def predict(self, x_t: Tensor, t: int) -> Tensor:
        """Return eps_phi(x_t, t) for x_t (B, 3, H, W) in about [-1, 1]; sides multiples of 8."""
        steps = torch.full((len(x_t),), t, device=x_t.device)
        return self._unet(x_t, steps).sample  # type: ignore[no-any-return]

    def noise_target(self, x: Tensor, t: int) -> Tensor:
        """Return the frozen model's noise for clean crops (docs/METHOD.md 1.4, T0).

        x: (B, 3, H, W) in [-1, 1], native resolution, on any device. Returns the same shape, float32, no gradient.
        """
        return self.predict(x.to(self._device), t).float().to(x.device)

    @torch.no_grad()
    def denoise(self, x_t: Tensor, t: int, steps: int) -> Tensor:
        """Run DDIM (eta = 0) from x_t at time t down to a clean picture in [-1, 1] in `steps` steps."""
        times = torch.linspace(t, 0, steps + 1).round().long().tolist()
        for now, after in itertools.pairwise(times):
            a, b = self.alpha_bar[now], self.alpha_bar[after]
            eps = self.predict(x_t, now)
            x_0 = ((x_t - (1 - a).sqrt() * eps) / a.sqrt()).clamp(-1, 1)
            eps = (x_t - a.sqrt() * x_0) / (1 - a).sqrt()  # consistent with the clamped picture
            x_t = b.sqrt() * x_0 + (1 - b).sqrt() * eps
        return x_0

    def draw(self, count: int, side: int, seed: int, steps: int = 250) -> Tensor:
        """Draw `count` pictures (count, 3, side, side) in [-1, 1] from noise by ancestral sampling.

        Fresh noise at every step (Ho et al. 2020, algorithm 2) forgives a small model more than DDIM does.
        """
        from diffusers import DDPMScheduler

        generator = torch.Generator().manual_seed(seed)
        scheduler = DDPMScheduler(self.config.train_timesteps)
        scheduler.set_timesteps(steps)
        x = torch.randn(count, 3, side, side, generator=generator).to(self._device)
        for t in scheduler.timesteps:
            x = scheduler.step(self.predict(x, int(t)), t, x, generator=generator).prev_sample
        return x.clamp(-1, 1)

    def regenerate(self, x: Tensor, strength: float, seed: int, steps: int = 40) -> Tensor:
        """Pass pictures through the model: noise up to `strength` in (0, 1) of the schedule, then denoise.

        x: (B, 3, H, W) in [-1, 1]; after SDEdit (Meng et al. 2022). Returns the same shape.
        """
        t = max(1, round(strength * (self.config.train_timesteps - 1)))
        eps = torch.randn(x.shape, generator=torch.Generator().manual_seed(seed)).to(x)
        a = self.alpha_bar[t]
        return self.denoise(a.sqrt() * x + (1 - a).sqrt() * eps, t, min(steps, t))

    def save(self, path: Path, metadata: dict[str, str]) -> None:
        """Write the weights as float16 safetensors with the configuration and the given metadata."""
        tensors = {k: v.detach().cpu().half().contiguous() for k, v in self._unet.state_dict().items()}
        save_file(tensors, path, metadata={"teacher": json.dumps(asdict(self.config)), **metadata})


def whole_tiles(pixels: Pixels) -> Tensor:
    """Return an image (H, W, 3) as (1, 3, H', W') in [-1, 1], cut to sides the U-Net can halve (multiples of 8)."""
    height, width = (side // 8 * 8 for side in pixels.shape[:2])
    return torch.from_numpy(to_unit(pixels[None, :height, :width]))


class _RealCrops(Dataset[Tensor]):
    """Item i is a native crop of a real photograph that depends on (seed, i) alone."""

    def __init__(self, samples: list[Sample], config: TeacherConfig, first: int):
        self._samples, self._config, self._first = samples, config, first
        self._cache: ImageCache | None = None

    def __len__(self) -> int:
        return self._config.steps * self._config.batch_size - self._first

    def __getitem__(self, index: int) -> Tensor:
        import numpy as np

        rng = np.random.default_rng((self._config.seed, self._first + index))
        self._cache = self._cache or ImageCache()
        while True:
            try:
                pixels = self._cache.get(self._samples[int(rng.integers(len(self._samples)))].path)
            except ImageRefusedError:
                continue
            return torch.from_numpy(to_unit(random_crop(rng, pixels, self._config.crop_px)[None])[0])


def train_teacher(
    samples: list[Sample],
    config: TeacherConfig,
    folder: Path,
    report: Callable[[Progress], None],
    device: torch.device,
) -> PixelTeacher:
    """Train a DDPM on the real photographs among `samples`; resumes from what `folder` holds.

    The loss is the denoising error |eps - eps_phi(x_t, t)|^2 with t uniform (Ho et al. 2020, eq. 14), or the one t
    that the configuration names.
    """
    real = [s for s in samples if s.label == 0]
    if not real:
        raise DataError("A teacher learns from real photographs and the data set holds none. Add some.")
    torch.manual_seed(config.seed)
    unet: Any = _unet(config).to(device)
    ema = copy.deepcopy(unet)
    optimizer = torch.optim.AdamW(unet.parameters(), lr=config.learning_rate, weight_decay=0.0)
    start = load_state(folder / "state.safetensors", unet, ema, optimizer, config)
    alpha_bar = PixelTeacher(ema, config, device).alpha_bar
    unet.requires_grad_(True)
    loader = DataLoader(
        _RealCrops(real, config, start * config.batch_size), config.batch_size, num_workers=1, drop_last=True
    )
    pace = Pace(start, config.steps, config.batch_size)
    for step, crops in enumerate(loader, start=start + 1):
        x = crops.to(device)
        generator = torch.Generator().manual_seed(config.seed * 1_000_003 + step)
        t = torch.randint(0, config.train_timesteps, (len(x),), generator=generator).to(device)
        if config.timestep is not None:
            t = torch.full_like(t, config.timestep)
        eps = torch.randn(x.shape, generator=generator).to(device)
        a = alpha_bar[t].view(-1, 1, 1, 1)
        loss = F.mse_loss(unet(a.sqrt() * x + (1 - a).sqrt() * eps, t).sample, eps)
        for group in optimizer.param_groups:  # warm up over 100 steps, then down to a tenth
            group["lr"] = config.learning_rate * min(1, step / 100) * (1 - 0.9 * step / config.steps)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(unet.parameters(), 1.0)
        optimizer.step()
        update_ema(ema, unet, min(config.ema_decay, step / (step + 10)))
        if line := pace.tick(step, {"denoising_error": float(loss.detach())}):
            report(Progress("teacher", step, config.steps, *line))
        if step % config.save_every == 0 or step == config.steps:
            save_state(folder / "state.safetensors", step, unet, ema, optimizer, config)
    return PixelTeacher(ema, config, device)
