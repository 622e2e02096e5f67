"""The sentences a browser may be sent, by stable codes: so the extension can say them in its own language."""

from __future__ import annotations

import re
from functools import cache

# Written out as they are said elsewhere, for the helper must start at once; the tests hold them against what is said.
# A code never changes its meaning; braces stand for what is filled in (extension/PROTOCOL.md 3).
SENTENCES = {
    "lean_generated": "{} of {} places looked at lean towards generated.",
    "lean_real": "{} of {} places looked at lean towards real.",
    "contradicting": "The places contradict each other, so no side is taken.",
    "another_answer": "A re-encoded copy of the same picture gets another answer, so no side is taken.",
    "overlap": "The score lies where real and generated images overlap.",
    "same_answer": "A re-encoded copy gets the same answer.",
    "too_small": "The image is under {} px on a side: too small to judge.",
    "almost_empty": "The image is almost empty: there is too little in it to judge.",
    "flat": "Large areas are perfectly flat, as in screenshots and drawings: judged with less certainty.",
    "compressed": "The file is heavily compressed: fine structure that tells the two apart may be lost.",
    "note_animated": "Animated: only the first frame was looked at.",
    "note_pages": "Several pages or pictures: only the first was looked at.",
    "note_transparent": "Transparent areas were placed on white.",
    "note_cmyk": "Made for print: the CMYK colours were converted to RGB.",
    "note_profile": "The colour profile could not be used: the colours were taken as sRGB.",
    "empty": "The image has no content.",
    "empty_file": "The file is empty. Save or download the image again.",
    "too_many_bytes": "The image has {} MiB; NoiseLens reads up to {} MiB. Resize it first.",
    "format": "NoiseLens does not read this kind of file. Save it as PNG, JPEG or WebP first.",
    "files_only": "{} images are read from files only. Save the image and open it in NoiseLens.",
    "damaged": "The image is damaged or cut short. Save or download it again.",
    "too_many_pixels": "The image is {} x {} px, {} Mpx; NoiseLens decodes {} up to {} Mpx. Resize it first.",
    "bad_shape": "The image is {} x {} px; sides from {} to {} px are read. Use another version of it.",
    "file_too_large": "The file is over {} MiB. Use a smaller version.",
    "memory": "Decoding takes more memory than NoiseLens allows. Resize the image first.",
    "timeout": "Decoding took too long and was stopped. Save the image again as PNG or JPEG.",
    "no_decoder": "The part that decodes images cannot work now; memory may be short. Close programs and try again.",
    "size_mismatch": "The image has another size than was announced. Try again.",
    "hash_mismatch": "The image changed on its way to NoiseLens. Try again.",
    "cancelled": "Cancelled.",
    "no_detector": "The detector could not be loaded ({}). Install NoiseLens again.",
    "not_judged": "NoiseLens could not judge this image ({}). Try another copy of it.",
    "internal": "NoiseLens could not judge this image because of an error of its own. Try again.",
    "just_shown": "NoiseLens has just come to the front. Wait a moment and try again.",
    "no_window": "NoiseLens runs here without a window. Start the NoiseLens app to see the image there.",
    "not_in_history": "The image is not in the history any more. Check it again, then open it in NoiseLens.",
    "not_caller": "NoiseLens answers its own extension only. Install that one.",
    "no_fit": "NoiseLens and its extension do not fit together. Update the older of the two.",
    "unknown_key": "NoiseLens does not know this browser any more. Pair it again.",
    "not_started": "NoiseLens did not start. Open it by hand.",
}
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+")


def why(sentence: str) -> list[str] | None:
    """Return a sentence's code and what is filled in, numbers as 1234.5; None for a sentence that has no code."""
    for code, pattern in _patterns():
        if match := pattern.fullmatch(sentence):
            return [code, *(re.sub(_THOUSANDS, lambda number: number[0].replace(",", ""), v) for v in match.groups())]
    return None


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    return [(code, re.compile("(.+?)".join(map(re.escape, text.split("{}"))))) for code, text in SENTENCES.items()]


class Told:
    """A message with a sentence for the user in `text`: `why` is the same as a code and values."""

    text: str

    def __post_init__(self) -> None:
        """Say the sentence as a code."""
        object.__setattr__(self, "why", why(self.text))  # the dataclasses are frozen
