"""PNG and JPEG files as programs write them, and as nobody should."""

import struct
import zlib
from collections.abc import Callable

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, COLOUR, PALETTE, GREY_ALPHA, COLOUR_ALPHA = 0, 2, 3, 4, 6
_CHANNELS = {GREY: 1, COLOUR: 3, PALETTE: 1, GREY_ALPHA: 2, COLOUR_ALPHA: 4}

Pixel = Callable[[int, int], tuple[int, ...]]


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), name) + body + struct.pack(">I", zlib.crc32(name + body))


def header(width: int, height: int, depth: int = 8, kind: int = COLOUR, interlaced: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlaced))


def png(
    pixel: Pixel,
    width: int = 40,
    height: int = 20,
    *,
    depth: int = 8,
    kind: int = COLOUR,
    filters: tuple[int, ...] = (0,),
    more: bytes = b"",
    interlaced: int = 0,
) -> bytes:
    """A file of these pixels, its rows filtered in turn."""
    step, above, rows = max(1, depth * _CHANNELS[kind] // 8), b"", b""
    for y in range(height):
        samples = [sample for x in range(width) for sample in pixel(x, y)]
        row = _packed(samples, depth)
        above = above or bytes(len(row))
        how = filters[y % len(filters)]
        rows += bytes([how]) + _filtered(row, above, how, step)
        above = row
    image = chunk(b"IDAT", zlib.compress(rows))
    return SIGNATURE + header(width, height, depth, kind, interlaced) + more + image + chunk(b"IEND", b"")


def jpeg(width: int = 40, height: int = 20, channels: int = 3, frame: int = 0xC0, depth: int = 8) -> bytes:
    """The segments of a JPEG, without a picture in it."""
    body = struct.pack(">BHHB", depth, height, width, channels) + bytes(3 * channels)
    application = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9)
    return (
        b"\xff\xd8"
        + application
        + bytes([0xFF, frame])
        + struct.pack(">H", len(body) + 2)
        + body
        + b"\xff\xda\0\x02\xff\xd9"
    )


def _packed(samples: list[int], depth: int) -> bytes:
    if depth == 16:
        return b"".join(struct.pack(">H", sample * 257) for sample in samples)
    bits = "".join(f"{sample:0{depth}b}" for sample in samples)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[n : n + 8], 2) for n in range(0, len(bits), 8))


def _filtered(row: bytes, above: bytes, how: int, step: int) -> bytes:
    found = []
    for n, value in enumerate(row):
        left, corner = (row[n - step], above[n - step]) if n >= step else (0, 0)
        high = above[n]
        guess = left + high - corner
        paeth = min((left, high, corner), key=lambda each: abs(guess - each))
        found.append((value - (0, left, high, (left + high) // 2, paeth)[how]) & 0xFF)
    return bytes(found)
