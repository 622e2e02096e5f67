"""Teachers from folders: a tiny random Stable Diffusion 1.x and a tiny DDPM, saved as their publishers do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from noiselens_trainer.data import DataError
from noiselens_trainer.paper.config import TargetConfig
from noiselens_trainer.paper.diffusion import load_noise_model
from noiselens_trainer.paper.targets import noise_target
from noiselens_trainer.teacher import PixelTeacher


@pytest.fixture(scope="module")
def stable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the parts of a Stable Diffusion 1.x pipeline, each of a few thousand random weights."""
    from diffusers import AutoencoderKL, DDPMScheduler, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    folder = tmp_path_factory.mktemp("models") / "tiny-sd"
    torch.manual_seed(0)
    blocks = ("DownEncoderBlock2D",) * 4, ("UpDecoderBlock2D",) * 4
    AutoencoderKL(3, 3, *blocks, block_out_channels=(8, 8, 8, 8), norm_num_groups=4).save_pretrained(folder / "vae")
    UNet2DConditionModel(
        in_channels=4, out_channels=4, down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"), block_out_channels=(8, 16), layers_per_block=1,
        cross_attention_dim=16, attention_head_dim=4, norm_num_groups=4,
    ).save_pretrained(folder / "unet")  # fmt: skip
    DDPMScheduler(1000, 0.00085, 0.012, "scaled_linear").save_pretrained(folder / "scheduler")
    words = {"<|startoftext|>": 0, "<|endoftext|>": 1, "a</w>": 2}
    CLIPTokenizer(words, []).save_pretrained(folder / "tokenizer")
    text = CLIPTextConfig(
        vocab_size=3, hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
        max_position_embeddings=8, bos_token_id=0, eos_token_id=1,
    )  # fmt: skip
    CLIPTextModel(text).save_pretrained(folder / "text_encoder")
    return folder


def test_a_latent_teacher_says_what_its_parts_say(stable: Path) -> None:
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTextModel

    model = load_noise_model(stable)
    assert (model.channels, model.stride, model.shape(64)) == (4, 8, (4, 8, 8))
    x = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    found = noise_target(model, x, TargetConfig("T0", timestep=100))
    with torch.no_grad():
        z = AutoencoderKL.from_pretrained(stable / "vae").encode(x).latent_dist.mean * 0.18215
        empty = torch.tensor([[0, 1, 1, 1, 1, 1, 1, 1]])  # start, end, and ends to the full length
        words = CLIPTextModel.from_pretrained(stable / "text_encoder")(empty).last_hidden_state.expand(2, -1, -1)
        unet = UNet2DConditionModel.from_pretrained(stable / "unet")
        expected = unet(z, torch.tensor([100, 100]), encoder_hidden_states=words).sample
    assert torch.allclose(found, expected, atol=1e-5)
    assert float(model.alpha_bar[0]) == pytest.approx(1 - 0.00085, abs=1e-6)


@pytest.mark.parametrize("kind", ["T0", "T1", "T2"])
def test_targets_of_latents_are_the_same_each_time(stable: Path, kind: str) -> None:
    model = load_noise_model(stable)
    x = torch.rand(2, 3, 64, 64) * 2 - 1
    target = TargetConfig(kind, inversion_steps=2, draws=2)
    one, again = noise_target(model, x, target), noise_target(model, x, target)
    assert torch.equal(one, again)
    # A crop's target does not depend on what else is in its batch.
    assert torch.allclose(noise_target(model, x[1:], target), one[1:], atol=1e-5)


def test_a_folder_of_pixels_and_one_of_our_own_files(teacher: PixelTeacher, tmp_path: Path) -> None:
    from diffusers import DDPMScheduler, UNet2DModel

    torch.manual_seed(0)
    unet = UNet2DModel(
        block_out_channels=(8, 16), down_block_types=("DownBlock2D",) * 2, up_block_types=("UpBlock2D",) * 2,
        norm_num_groups=4, layers_per_block=1,
    )  # fmt: skip
    unet.save_pretrained(tmp_path / "ddpm" / "unet")
    DDPMScheduler(1000).save_pretrained(tmp_path / "ddpm" / "scheduler")
    x = torch.rand(1, 3, 32, 32) * 2 - 1
    with torch.no_grad():
        expected = unet.eval()(x, 7).sample
    assert torch.allclose(load_noise_model(tmp_path / "ddpm").predict(x, 7), expected, atol=1e-5)
    teacher.save(tmp_path / "own.safetensors", {"id": "own"})
    own = load_noise_model(tmp_path / "own.safetensors")
    assert own.name == "own"
    assert torch.allclose(own.predict(x, 7), teacher.predict(x, 7), atol=2e-2)


def test_a_model_that_does_not_predict_noise_is_refused(stable: Path, tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "v"
    shutil.copytree(stable, folder)
    file = folder / "scheduler" / "scheduler_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "prediction_type": "v_prediction"}))
    with pytest.raises(DataError, match="predicts v_prediction and not noise"):
        load_noise_model(folder)


def test_a_folder_that_lacks_a_part_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "vae").mkdir()
    with pytest.raises(DataError, match="cannot be loaded as AutoencoderKL"):
        load_noise_model(tmp_path)
