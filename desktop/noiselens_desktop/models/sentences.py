"""The core's sentences in the language of the window: the core speaks English alone, also in what is kept on disk."""

from __future__ import annotations

import re
from functools import cache

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

# A field in braces stands for what the core fills in.
_MARKED = (
    QT_TRANSLATE_NOOP("Core", "{0} of {1} places looked at lean towards generated."),
    QT_TRANSLATE_NOOP("Core", "{0} of {1} places looked at lean towards real."),
    QT_TRANSLATE_NOOP("Core", "The places contradict each other, so no side is taken."),
    QT_TRANSLATE_NOOP("Core", "A re-encoded copy of the same picture gets another answer, so no side is taken."),
    QT_TRANSLATE_NOOP("Core", "The score lies where real and generated images overlap."),
    QT_TRANSLATE_NOOP("Core", "A re-encoded copy gets the same answer."),
    QT_TRANSLATE_NOOP("Core", "The image is under {0} px on a side: too small to judge."),
    QT_TRANSLATE_NOOP("Core", "The image is almost empty: there is too little in it to judge."),
    QT_TRANSLATE_NOOP(
        "Core", "Large areas are perfectly flat, as in screenshots and drawings: judged with less certainty."
    ),
    QT_TRANSLATE_NOOP("Core", "The file is heavily compressed: fine structure that tells the two apart may be lost."),
    QT_TRANSLATE_NOOP(
        "Core", "NoiseLens judges the picture as a whole; it is not made to find small local edits or swapped faces."
    ),
    QT_TRANSLATE_NOOP(
        "Core", "The image is {0} x {1} px, {2} Mpx; NoiseLens decodes {3} up to {4} Mpx. Resize it first."
    ),
    QT_TRANSLATE_NOOP("Core", "{0} images are read from files only. Save the image and open it in NoiseLens."),
    QT_TRANSLATE_NOOP(
        "Core", "The image is {0} x {1} px; sides from {2} to {3} px are read. Use another version of it."
    ),
    QT_TRANSLATE_NOOP("Core", "{0} cannot be opened. Check that the file exists and that you may read it."),
    QT_TRANSLATE_NOOP("Core", "The image is damaged or cut short. Save or download it again."),
    QT_TRANSLATE_NOOP("Core", "The part that decodes images cannot be started. Restart NoiseLens."),
    QT_TRANSLATE_NOOP("Core", "The file is empty. Save or download the image again."),
    QT_TRANSLATE_NOOP("Core", "The file is over {0} MiB. Use a smaller version."),
    QT_TRANSLATE_NOOP("Core", "NoiseLens does not read this kind of file. Save it as PNG, JPEG or WebP first."),
    QT_TRANSLATE_NOOP("Core", "Decoding takes more memory than NoiseLens allows. Resize the image first."),
    QT_TRANSLATE_NOOP("Core", "Decoding took too long and was stopped. Save the image again as PNG or JPEG."),
    QT_TRANSLATE_NOOP("Core", "It is not a file. Save the image as a file first."),
    QT_TRANSLATE_NOOP("Core", "The folder may not be read. Give yourself the right to read it, then try again."),
    QT_TRANSLATE_NOOP(
        "Core", "The folder holds no image NoiseLens reads. Name the files themselves to try them anyway."
    ),
    QT_TRANSLATE_NOOP("Core", "These facts can be removed or forged; they do not change the verdict."),
    QT_TRANSLATE_NOOP("Core", "The file says nothing of its origin, as most images from the web."),
    QT_TRANSLATE_NOOP("Core", "Said by whoever signed the Content Credentials."),
    QT_TRANSLATE_NOOP("Core", "The signature fits this very file, and its signer is on your list of trusted signers."),
    QT_TRANSLATE_NOOP(
        "Core",
        "The signature fits this very file, but the signer is on no list NoiseLens has: anybody can sign like this.",
    ),
    QT_TRANSLATE_NOOP("Core", "The file was changed after it was signed, so nothing its credentials claim is shown."),
    QT_TRANSLATE_NOOP("Core", "The signature does not hold, so nothing its credentials claim is shown."),
    QT_TRANSLATE_NOOP("Core", "There are credentials in the file that could not be read."),
    QT_TRANSLATE_NOOP(
        "Core", "The file names this address for its credentials; NoiseLens fetches nothing, so they were not checked."
    ),
    QT_TRANSLATE_NOOP("Core", "The name in the signer's certificate."),
    QT_TRANSLATE_NOOP("Core", "The time in the signature."),
    QT_TRANSLATE_NOOP(
        "Core", "How the picture came about, in the words of the IPTC standard; unsigned, so anybody can write it."
    ),
    QT_TRANSLATE_NOOP("Core", "The generator the file names; unsigned, so anybody can write it."),
    QT_TRANSLATE_NOOP(
        "Core", "Programs for Stable Diffusion write the prompt and settings of what they generate here."
    ),
    QT_TRANSLATE_NOOP("Core", "ComfyUI writes the steps that made a generated image here."),
    QT_TRANSLATE_NOOP("Core", "InvokeAI writes the prompt and settings of what it generates here."),
    QT_TRANSLATE_NOOP("Core", "NovelAI writes the prompt and settings of what it generates here."),
    QT_TRANSLATE_NOOP("Core", "Midjourney writes its prompt and job number here."),
    QT_TRANSLATE_NOOP("Core", "Cameras and phones write their name; anybody can copy it into another file."),
    QT_TRANSLATE_NOOP("Core", "Cameras write the lens they see."),
    QT_TRANSLATE_NOOP("Core", "Cameras write how they took the picture."),
    QT_TRANSLATE_NOOP("Core", "The camera's clock, which may be wrong."),
    QT_TRANSLATE_NOOP("Core", "The file says where it was taken; NoiseLens does not show where."),
    QT_TRANSLATE_NOOP("Core", "The program that saved the file; photographs pass through such programs as well."),
    QT_TRANSLATE_NOOP("Core", "The line the publisher asks to be printed with the picture."),
    QT_TRANSLATE_NOOP("Core", "A small copy of the same shape as the image, as cameras store it."),
    QT_TRANSLATE_NOOP(
        "Core", "A small copy of another shape: the image may have been cropped since, or the camera pads its previews."
    ),
    QT_TRANSLATE_NOOP("Core", "What the file says of its origin could not be read; the verdict does not need it."),
    QT_TRANSLATE_NOOP("Core", "Animated: only the first frame was looked at."),
    QT_TRANSLATE_NOOP("Core", "Several pages or pictures: only the first was looked at."),
    QT_TRANSLATE_NOOP("Core", "Transparent areas were placed on white."),
    QT_TRANSLATE_NOOP("Core", "Made for print: the CMYK colours were converted to RGB."),
    QT_TRANSLATE_NOOP("Core", "The colour profile could not be used: the colours were taken as sRGB."),
    QT_TRANSLATE_NOOP("Core", "Free text in the file."),
)
SENTENCES = tuple(map(str, _MARKED))


def core_words(sentence: str) -> str:
    """Return a sentence of the core in the language of the window; one that is not known stays as it is."""
    if sentence in _WHOLE:
        return QCoreApplication.translate("Core", sentence)
    for template, pattern in _patterns():
        if match := pattern.fullmatch(sentence):
            return QCoreApplication.translate("Core", template).format(*match.groups())
    return sentence


_WHOLE = frozenset(template for template in SENTENCES if "{" not in template)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return each sentence that has a field with the pattern its English fits; the window's start needs none."""
    return tuple(
        (template, re.compile(re.sub(r"\\{\d\\}", "(.+)", re.escape(template)), re.DOTALL))
        for template in SENTENCES
        if template not in _WHOLE
    )
