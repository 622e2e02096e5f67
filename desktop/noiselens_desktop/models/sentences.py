"""Sentences of the parts that know no Qt, in the language of the window: they speak English alone, also on the disk."""

from __future__ import annotations

import re
from functools import cache

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from .formats import number

# A field in braces stands for what is filled in. The first that fits is taken.
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
    QT_TRANSLATE_NOOP(
        "Core", "The part that decodes images cannot work now; memory may be short. Close programs and try again."
    ),
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
    QT_TRANSLATE_NOOP("Core", "The program that made the file. Said by whoever signed the Content Credentials."),
    QT_TRANSLATE_NOOP("Core", "How the picture came about. Said by whoever signed the Content Credentials."),
    QT_TRANSLATE_NOOP("Core", "These results are no longer kept. Check the folder again to have them anew."),
    QT_TRANSLATE_NOOP("Core", "The library {0} was written by a newer NoiseLens. Update NoiseLens to open it."),
    QT_TRANSLATE_NOOP(
        "Core", "The library {0} is damaged. Move it away and start NoiseLens again: it makes a new one."
    ),
    QT_TRANSLATE_NOOP(
        "Core", "The library {0} cannot be used ({1}). Check that the disk is not full and that you may write there."
    ),
    QT_TRANSLATE_NOOP(
        "Core", "The samples in {0} cannot be used ({1}). Check that the disk is not full and that you may write there."
    ),
    QT_TRANSLATE_NOOP(
        "Core", "{0} does not say what its images are. Say it, or name a folder that holds real and generated."
    ),
    QT_TRANSLATE_NOOP("Core", "{0} holds no NoiseLens samples. Choose an archive that NoiseLens exported."),
    QT_TRANSLATE_NOOP("Core", "{0} was written by a newer NoiseLens. Update NoiseLens to import it."),
    QT_TRANSLATE_NOOP("Core", "It is not the image the archive says it is. Export the samples again."),
    QT_TRANSLATE_NOOP("Core", "{0} is damaged. Export the samples again, or copy the file once more."),
    QT_TRANSLATE_NOOP("Core", "{0} could not be written ({1}). Choose another place or make room there."),
    QT_TRANSLATE_NOOP("Core", "{0} is not a file. Name the file to write."),
    QT_TRANSLATE_NOOP("Core", "{0} cannot be read ({1}). Choose another file."),
    QT_TRANSLATE_NOOP("Core", "{0} holds no certificates. Choose a PEM file: text with BEGIN CERTIFICATE in it."),
    QT_TRANSLATE_NOOP("Core", "The list of trusted signers cannot be changed ({0}). Check that you may write to {1}."),
    QT_TRANSLATE_NOOP("Core", "There is no model file at {0}. Choose a .safetensors file made by NoiseLens."),
    QT_TRANSLATE_NOOP("Core", "{0} is not a NoiseLens model. Choose a file made by noiselens-train."),
    QT_TRANSLATE_NOOP(
        "Core",
        "{0} was made for {1} / {2}; this version runs {3} / {4}. Train it anew or use the NoiseLens it came with.",
    ),
    QT_TRANSLATE_NOOP("Core", "The weights in {0} do not fit their description. Get the file again."),
    QT_TRANSLATE_NOOP("Core", "The weights in {0} were changed after they were saved. Get the file again."),
    QT_TRANSLATE_NOOP("Core", "The encoder's weights {0} cannot be read. Install NoiseLens again."),
    QT_TRANSLATE_NOOP("Core", "The encoder's weights {0} were changed. Install NoiseLens again."),
    QT_TRANSLATE_NOOP("Core", "There is no device '{0}' here. Use one of: auto, {1}."),
    QT_TRANSLATE_NOOP("Core", "There is no detector '{0}'. There are: {1}."),
    QT_TRANSLATE_NOOP("Core", "{0} detectors are called '{1}'. Name the one you mean by one of: {2}."),
    QT_TRANSLATE_NOOP("Core", "{0} is there already and is another text. Choose another name or folder."),
    QT_TRANSLATE_NOOP("Core", "NoiseLens runs already and does not answer. End it, then start it again."),
    QT_TRANSLATE_NOOP("Core", "A detector needs a name. Type one."),
    QT_TRANSLATE_NOOP("Core", "The detector that came with NoiseLens keeps its name."),
    QT_TRANSLATE_NOOP("Core", "Another detector is called '{0}'. Choose another name."),
    QT_TRANSLATE_NOOP("Core", "This detector is gone."),
    QT_TRANSLATE_NOOP("Core", "No other detector judged before this one. Choose one from the list."),
    QT_TRANSLATE_NOOP("Core", "A detector is exported to a {0} file or into a folder. Choose such a place."),
    QT_TRANSLATE_NOOP("Core", "{0} is over {1} MB. Choose a NoiseLens detector."),
    QT_TRANSLATE_NOOP("Core", "The detector that came with NoiseLens cannot be deleted."),
    QT_TRANSLATE_NOOP(
        "Core", "{0} could not be read or written ({1}). Check that the disk is not full and that you may write there."
    ),
    QT_TRANSLATE_NOOP("Core", "There are no labelled images yet. Label at least 10 of one kind, better 10 of each."),
    QT_TRANSLATE_NOOP("Core", "There are {0} real and {1} generated images. Label at least 10 of one kind to begin."),
    QT_TRANSLATE_NOOP("Core", "There are no labelled images yet. Label some in the app, or with: noiselens label"),
    QT_TRANSLATE_NOOP("Core", "None of the {0} labelled images can be used. The first: {1}"),
    QT_TRANSLATE_NOOP(
        "Core",
        "There are {0} MB free in {1}, and fine-tuning on {2} pictures needs {3} MB. Make room and start it again.",
    ),
    QT_TRANSLATE_NOOP("Core", "{0} looks with attention, which is not fine-tuned. Choose another detector."),
    QT_TRANSLATE_NOOP("Core", "The disk is full. Put that right and start it again; what was done so far is kept."),
    QT_TRANSLATE_NOOP(
        "Core", "{0} cannot be used ({1}). Put that right and start it again; what was done so far is kept."
    ),
    QT_TRANSLATE_NOOP(
        "Core", "The machine ran out of memory. Close other programs and start it again; what was done so far is kept."
    ),
    QT_TRANSLATE_NOOP(
        "Core", "On pictures that are not yours it is right less often than before: {0} % instead of {1} %."
    ),
    QT_TRANSLATE_NOOP("Core", "It calls more photographs that are not yours likely generated: {0} % instead of {1} %."),
    QT_TRANSLATE_NOOP("Core", "Of generated pictures that are not yours it finds {0} % instead of {1} %."),
    QT_TRANSLATE_NOOP(
        "Core",
        "It is no better on your own samples than before: {0} % right instead of {1} %. More samples may help.",
    ),
    QT_TRANSLATE_NOOP("Core", "The training memory {0} of {1} is missing. Install NoiseLens again to get it back."),
    QT_TRANSLATE_NOOP(
        "Core",
        "{0} has no training memory {1} beside it, which learning starts from. Start from the detector that came with "
        "NoiseLens.",
    ),
    QT_TRANSLATE_NOOP("Core", "{0} is not a training memory of NoiseLens. Install NoiseLens again."),
    QT_TRANSLATE_NOOP(
        "Core", "The training memory {0} belongs to {1}, not to this build of {2}. Install NoiseLens again."
    ),
    QT_TRANSLATE_NOOP("Core", "{0} cannot be written ({1}). Make room on the disk, then try again."),
    QT_TRANSLATE_NOOP("Core", "{0} could not be changed ({1}). Check that you may write there."),
    QT_TRANSLATE_NOOP("Core", "{0} could not be written ({1}). Check that you may write there."),
    QT_TRANSLATE_NOOP("Core", "{0} cannot be changed ({1}). Check that you may write there."),
    QT_TRANSLATE_NOOP("Core", "NoiseLens ended unexpectedly last time. A report is in {0}."),
    QT_TRANSLATE_NOOP("Core", "NoiseLens met an error of its own ({0}). Start it again if something does not work."),
    QT_TRANSLATE_NOOP(
        "Core",
        "NoiseLens met an error of its own ({0}). A report was written to the log folder; it stays on this computer.",
    ),
    QT_TRANSLATE_NOOP("Core", "The settings in {0} could not be read, so the defaults are used."),
    QT_TRANSLATE_NOOP("Core", "In {0} the default is used for: {1}."),
    QT_TRANSLATE_NOOP("Core", "The settings could not be saved in {0} ({1})."),
    QT_TRANSLATE_NOOP("Core", "NoiseLens could not judge this image ({0}). Try another copy of it."),
    QT_TRANSLATE_NOOP("Core", "The detector could not be loaded ({0}). Install NoiseLens again."),
    QT_TRANSLATE_NOOP("Core", "The batch ended on an error of NoiseLens itself ({0}). Resume it to go on."),
    QT_TRANSLATE_NOOP("Core", "Something went wrong in NoiseLens itself ({0})."),
    QT_TRANSLATE_NOOP("Core", "The comparison {0} cannot be read. Train once more to get another."),
    QT_TRANSLATE_NOOP("Core", "The file of paired browsers ({0}) cannot be written: {1}."),
    QT_TRANSLATE_NOOP("Core", "The file of paired browsers ({0}) is damaged. Delete it and pair again."),
    QT_TRANSLATE_NOOP(
        "Core",
        "The browser extension cannot be served: other programs hold every port NoiseLens uses ({0}). Close "
        "one of them, or another NoiseLens, and start again.",
    ),
    QT_TRANSLATE_NOOP("Core", "{0} ({1}). Check that the disk is not full and that you may write there."),
    QT_TRANSLATE_NOOP("Core", "{0}. Check that the disk is not full and that you may write there."),
)
# What a detector was made from, by parts; then of a file's origin: what each thing is called, where it was read, and
# values that are our own words.
_NAMED = (
    QT_TRANSLATE_NOOP("Core", "{0} real and {1} generated images of {2} sources ({3}, list {4})"),
    QT_TRANSLATE_NOOP("Core", "frozen encoder: {0}"),
    QT_TRANSLATE_NOOP("Core", "{0} moved by {1} real and {2} generated pictures of the user's"),
    QT_TRANSLATE_NOOP("Core", "Valid, signer trusted"),
    QT_TRANSLATE_NOOP("Core", "Valid, signer unknown"),
    QT_TRANSLATE_NOOP("Core", "Changed after signing"),
    QT_TRANSLATE_NOOP("Core", "Not valid"),
    QT_TRANSLATE_NOOP("Core", "Unreadable"),
    QT_TRANSLATE_NOOP("Core", "A position is stored"),
    QT_TRANSLATE_NOOP("Core", "Content Credentials"),
    QT_TRANSLATE_NOOP("Core", "Signed by"),
    QT_TRANSLATE_NOOP("Core", "Signed at"),
    QT_TRANSLATE_NOOP("Core", "Made with"),
    QT_TRANSLATE_NOOP("Core", "Declared origin"),
    QT_TRANSLATE_NOOP("Core", "AI system"),
    QT_TRANSLATE_NOOP("Core", "Generation settings"),
    QT_TRANSLATE_NOOP("Core", "ComfyUI workflow"),
    QT_TRANSLATE_NOOP("Core", "InvokeAI settings"),
    QT_TRANSLATE_NOOP("Core", "NovelAI settings"),
    QT_TRANSLATE_NOOP("Core", "Midjourney job"),
    QT_TRANSLATE_NOOP("Core", "Camera"),
    QT_TRANSLATE_NOOP("Core", "Lens"),
    QT_TRANSLATE_NOOP("Core", "Exposure"),
    QT_TRANSLATE_NOOP("Core", "Taken"),
    QT_TRANSLATE_NOOP("Core", "Place"),
    QT_TRANSLATE_NOOP("Core", "Software"),
    QT_TRANSLATE_NOOP("Core", "Credit"),
    QT_TRANSLATE_NOOP("Core", "Comment"),
    QT_TRANSLATE_NOOP("Core", "Embedded preview"),
    QT_TRANSLATE_NOOP("Core", "Metadata"),
    QT_TRANSLATE_NOOP("Core", "C2PA manifest in the file"),
    QT_TRANSLATE_NOOP("Core", "EXIF"),
    QT_TRANSLATE_NOOP("Core", "EXIF preview"),
    QT_TRANSLATE_NOOP("Core", "EXIF UserComment"),
    QT_TRANSLATE_NOOP("Core", "EXIF Make"),
    QT_TRANSLATE_NOOP("Core", "EXIF Model"),
    QT_TRANSLATE_NOOP("Core", "XMP"),
    QT_TRANSLATE_NOOP("Core", "IPTC"),
    QT_TRANSLATE_NOOP("Core", "Comment of the file"),
    QT_TRANSLATE_NOOP("Core", "The file"),
    QT_TRANSLATE_NOOP("Core", "PNG text “{0}”"),
    QT_TRANSLATE_NOOP("Core", "Made by a generative model"),
    QT_TRANSLATE_NOOP("Core", "Partly made by a generative model"),
    QT_TRANSLATE_NOOP("Core", "Put together, partly from synthetic pictures"),
    QT_TRANSLATE_NOOP("Core", "Made by an algorithm that was not trained"),
    QT_TRANSLATE_NOOP("Core", "Enhanced by an algorithm"),
    QT_TRANSLATE_NOOP("Core", "Taken with a digital camera"),
    QT_TRANSLATE_NOOP("Core", "Taken with a camera that computes pictures"),
    QT_TRANSLATE_NOOP("Core", "Put together from pictures taken with a camera"),
    QT_TRANSLATE_NOOP("Core", "Put together from several pictures"),
    QT_TRANSLATE_NOOP("Core", "Scanned from a negative"),
    QT_TRANSLATE_NOOP("Core", "Scanned from a transparency"),
    QT_TRANSLATE_NOOP("Core", "Scanned from a print"),
    QT_TRANSLATE_NOOP("Core", "Taken with a camera and slightly edited"),
    QT_TRANSLATE_NOOP("Core", "Edited by a person"),
    QT_TRANSLATE_NOOP("Core", "Drawn on a computer"),
    QT_TRANSLATE_NOOP("Core", "Made by a person on a computer"),
    QT_TRANSLATE_NOOP("Core", "Made by software"),
    QT_TRANSLATE_NOOP("Core", "Drawn from data"),
    QT_TRANSLATE_NOOP("Core", "Taken from a screen"),
    QT_TRANSLATE_NOOP("Core", "Recorded in a virtual scene"),
    QT_TRANSLATE_NOOP("Core", "{0} × {1} px beside {2} × {3} px"),
    QT_TRANSLATE_NOOP("Core", "1 step"),
    QT_TRANSLATE_NOOP("Core", "{0} steps"),
    QT_TRANSLATE_NOOP("Core", "1 step; models: {0}"),
    QT_TRANSLATE_NOOP("Core", "{0} steps; models: {1}"),
)
# What the core fills in that is no name: the system's own words for why it refused, and a word of ours.
_FILLED_IN = (
    QT_TRANSLATE_NOOP("Core", "images"),
    QT_TRANSLATE_NOOP("Core", "Operation not permitted"),
    QT_TRANSLATE_NOOP("Core", "No such file or directory"),
    QT_TRANSLATE_NOOP("Core", "Input/output error"),
    QT_TRANSLATE_NOOP("Core", "Permission denied"),
    QT_TRANSLATE_NOOP("Core", "Device or resource busy"),
    QT_TRANSLATE_NOOP("Core", "File exists"),
    QT_TRANSLATE_NOOP("Core", "Not a directory"),
    QT_TRANSLATE_NOOP("Core", "Is a directory"),
    QT_TRANSLATE_NOOP("Core", "Too many open files"),
    QT_TRANSLATE_NOOP("Core", "File too large"),
    QT_TRANSLATE_NOOP("Core", "No space left on device"),
    QT_TRANSLATE_NOOP("Core", "Read-only file system"),
    QT_TRANSLATE_NOOP("Core", "File name too long"),
    QT_TRANSLATE_NOOP("Core", "Disk quota exceeded"),
)
SENTENCES, NAMES, FIELDS = (tuple(map(str, texts)) for texts in (_MARKED, _NAMED, _FILLED_IN))


def core_words(sentence: str) -> str:
    """Return a sentence of ours in the language of the window; one that is not known stays as it is.

    What it fills in stays as it is too, but for numbers, which are written as the language does, and FIELDS.
    """
    if sentence in _WHOLE:
        return QCoreApplication.translate("Core", sentence)
    for template in _TEMPLATES:
        begin, end = template.index("{"), template.rindex("}") + 1
        if not (sentence.startswith(template[:begin]) and sentence.endswith(template[end:])):
            continue  # most are told apart by this, and no pattern is made
        if match := _pattern(template).fullmatch(sentence):
            return QCoreApplication.translate("Core", template).format(*map(_field, match.groups()))
    return sentence


_WHOLE = frozenset(template for template in (*SENTENCES, *NAMES) if "{" not in template)
_TEMPLATES = tuple(template for template in (*SENTENCES, *NAMES) if template not in _WHOLE)


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """Return what the English of a sentence with fields fits; the window's start needs none."""
    return re.compile(re.sub(r"\\{\d\\}", "(.+)", re.escape(template)), re.DOTALL)


def _field(text: str) -> str:
    return QCoreApplication.translate("Core", text) if text in FIELDS else number(text)
