"""NoiseLens trainer: the frozen teacher, the ANL losses, training and evaluation."""
