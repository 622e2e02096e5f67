"""Everything behind the Training page, made once and kept while windows come and go."""

from __future__ import annotations

from dataclasses import dataclass

from .detectors import Detectors
from .samples import Samples
from .training_job import TrainingJob


@dataclass(frozen=True)
class Teaching:
    """The parts of the Training page.

    Attributes:
        samples: the labelled images. job: the training. detectors: the registry.
        missing: the trainer is not installed.
    """

    samples: Samples
    job: TrainingJob
    detectors: Detectors
    missing: bool = False

    def close(self) -> None:
        """End what runs; the training can be gone on with later."""
        self.job.close()
        self.samples.close()
        self.detectors.close()
