"""ANL at the scale of the papers: a trainable backbone, large teachers, many processors (docs/PAPER_SCALE.md)."""
