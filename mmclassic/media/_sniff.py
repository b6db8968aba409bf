"""The first bytes of a file to the name of what it holds, for error messages."""

__all__ = ["HEAD_BYTES", "SOUND_KINDS", "VIDEO_KINDS", "sniff"]

HEAD_BYTES = 64

SOUND_MAGIC = {
    b"RF64": "wav sound",
    b"fLaC": "flac sound",
    b"OggS": "ogg sound",
    b"FORM": "aiff sound",
    b"ID3": "mp3 sound",
    b".snd": "au sound",
}
OTHER_MAGIC = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"BM": "a BMP picture",
    b"II*\0": "a TIFF picture",
    b"MM\0*": "a TIFF picture",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a zip archive or an office document",
    b"\x1f\x8b": "a gzip archive",
    b"\x1aE\xdf\xa3": "a Matroska or WebM video",
}
SOUND_KINDS = {*SOUND_MAGIC.values()}
VIDEO_KINDS = {
    "AVI video",
    "a Matroska or WebM video",
    "an MP4 or QuickTime file",
}


def sniff(head: bytes) -> str:
    """Name what data with these first bytes holds.

    Parameters
    ----------
    head : bytes
        The first bytes, ideally `HEAD_BYTES` of them.

    Returns
    -------
    str
        With its article: "a PNG picture", "wav sound", "text", "unknown data".
    """
    for magic, kind in {**SOUND_MAGIC, **OTHER_MAGIC}.items():
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF":
        riff = {b"WAVE": "wav sound", b"WEBP": "a WebP picture", b"AVI ": "AVI video"}
        return riff.get(head[8:12], "unknown data")
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand in (b"avif", b"avis", b"heic", b"heix", b"mif1"):
            return "an AVIF or HEIC picture"
        return "an MP4 or QuickTime file"
    # Eleven set bits open a frame of MPEG audio.
    if len(head) > 1 and head[0] == 0xFF and head[1] >= 0xE0 and head[1] & 0x06:
        return "mp3 sound"
    return "text" if _is_text(head) else "unknown data"


def _is_text(head: bytes) -> bool:
    text = head.decode("utf-8", errors="ignore")
    # A multi-byte character may be cut at the end of the head.
    whole = len(text.encode()) >= len(head) - 3
    return bool(text) and whole and all(c.isprintable() or c.isspace() for c in text)
