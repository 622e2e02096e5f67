"""The command line in the tests' own process, with detectors of random weights and a set answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from noiselens_core import cli

from .program import Program, Run, save_image, save_model


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Program:
    """Run the program in this process."""

    def run(*arguments: str | Path) -> Run:
        with pytest.raises(SystemExit) as end:
            cli.main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert isinstance(end.value.code, int)
        return Run(end.value.code, out, err)

    return run


@pytest.fixture(scope="session")
def says_real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("model") / "says-real.safetensors", -4)


@pytest.fixture(scope="session")
def says_generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("model") / "says-generated.safetensors", 4)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an image, an image in a folder of its own, and what is no image."""
    root = tmp_path / "pictures"
    (root / "deeper").mkdir(parents=True)
    save_image(root / "b.png", seed=1)
    save_image(root / "deeper" / "a.PNG", seed=2)
    (root / "notes.txt").write_text("not an image")
    (root / ".hidden.png").write_bytes(b"not looked at")
    return root
