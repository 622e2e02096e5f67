"""The few properties of an XMP packet that tell of a picture's origin; in the decoding child only."""

from __future__ import annotations

from xml.parsers import expat

MAX_BYTES = 2**20
MAX_CHARS = 1000  # of one property
PROPERTIES = {
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/ DigitalSourceType": "DigitalSourceType",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/ DigitalSourcetype": "DigitalSourceType",  # an earlier spelling
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/ AISystemUsed": "AISystemUsed",
    "http://ns.adobe.com/xap/1.0/ CreatorTool": "CreatorTool",
    "http://ns.adobe.com/photoshop/1.0/ Credit": "Credit",
    "http://purl.org/dc/terms/ provenance": "provenance",
}
RESOURCE = "http://www.w3.org/1999/02/22-rdf-syntax-ns# resource"


class _DoctypeError(Exception):
    """A document type: no XMP has one, entity bombs do."""


def read_xmp(packet: bytes) -> list[tuple[str, str]]:
    """Return (name, value) of every known property in an XMP packet, as attribute or element, in its order.

    Raises ExpatError for what is no XML; nothing is returned for a packet over MAX_BYTES.
    """
    if len(packet) > MAX_BYTES:
        return []
    found: list[tuple[str, list[str]]] = []
    open_elements: list[str | None] = []  # property each open element lies in

    def begin(name: str, attributes: dict[str, str]) -> None:
        here = PROPERTIES.get(name)
        if here:
            found.append((here, [attributes.get(RESOURCE, "")]))
        found.extend((PROPERTIES[key], [value]) for key, value in attributes.items() if key in PROPERTIES)
        open_elements.append(here or (open_elements[-1] if open_elements else None))

    def end(_name: str) -> None:
        open_elements.pop()

    def text(part: str) -> None:
        if open_elements and open_elements[-1]:
            found[-1][1].append(part[:MAX_CHARS])

    def refuse(*_: object) -> None:
        raise _DoctypeError

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = text, refuse
    parser.Parse(packet.strip(b"\0 \n\r\t"), True)
    values = ((name, " ".join("".join(parts).split())[:MAX_CHARS]) for name, parts in found)
    return [(name, value) for name, value in values if value]
