"""Logos: PNG and JPEG, read without a library for images, which would double the layer.

A PNG is read and written anew, on white and without transparency, so that whatever else its file holds is in no
paper; a PDF takes the new one's rows as they are. A JPEG goes into a PDF as it is, and only what stands before its
picture is read.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from cauce.domain.errors import InvalidDocument

MOST_BYTES = 300_000
MOST_PIXELS = 1_500_000
MOST_SIDE = 2_400
LEAST_SIDE = 16

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_GREY, _COLOUR, _PALETTE, _GREY_ALPHA, _COLOUR_ALPHA = 0, 2, 3, 4, 6
_CHANNELS = {_GREY: 1, _COLOUR: 3, _PALETTE: 1, _GREY_ALPHA: 2, _COLOUR_ALPHA: 4}
_DEPTHS = {
    _GREY: (1, 2, 4, 8, 16),
    _COLOUR: (8, 16),
    _PALETTE: (1, 2, 4, 8),
    _GREY_ALPHA: (8, 16),
    _COLOUR_ALPHA: (8, 16),
}
_LAST_FILTER = 4
# Start of frame: baseline, extended and progressive; the others are lossless or arithmetic, which PDFs do not take.
_FRAMES = (0xC0, 0xC1, 0xC2)
_OTHER_FRAMES = (0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF)
_START_OF_SCAN, _END = 0xDA, 0xD9


@dataclass(frozen=True, kw_only=True)
class Image:
    """A picture as a PDF takes it."""

    width: int
    height: int
    channels: int
    """1 grey, 3 red, green and blue."""
    is_jpeg: bool
    data: bytes = field(repr=False)
    """A whole JPEG, or the compressed rows of a PNG, each after its filter's number."""

    def within(self, width: float, height: float) -> tuple[float, float]:
        """Width and height of the picture when it fills as much of a box as its shape allows."""
        scale = min(width / self.width, height / self.height)
        return self.width * scale, self.height * scale


def kept(content: bytes) -> tuple[str, bytes]:
    """A file's media type, and the file as it is kept. Raises InvalidDocument, in Spanish, for what is no logo."""
    if len(content) > MOST_BYTES:
        raise _refused(
            f"pesa {len(content) // 1000} kB y puede pesar {MOST_BYTES // 1000}: guárdelo más pequeño"
        )
    if content.startswith(_JPEG):
        _jpeg(content)
        return "image/jpeg", content
    if content.startswith(_PNG):
        return "image/png", _written(*_flat(content))
    raise _refused("no es PNG ni JPEG: guárdelo en uno de esos formatos")


def read(content: bytes) -> Image:
    """The picture of a file that ``kept`` gave."""
    if content.startswith(_JPEG):
        return _jpeg(content)
    width, height, _, kind, _ = _header(dict(_chunks(content))[b"IHDR"])
    data = b"".join(body for name, body in _chunks(content) if name == b"IDAT")
    return Image(width=width, height=height, channels=_CHANNELS[kind], is_jpeg=False, data=data)


def _refused(why: str) -> InvalidDocument:
    return InvalidDocument(f"El logo {why}.", field="logo")


def _check_size(width: int, height: int) -> None:
    sides = (width, height)
    if min(sides) < LEAST_SIDE:
        raise _refused(f"mide {width} × {height} puntos y cada lado debe tener al menos {LEAST_SIDE}")
    if max(sides) > MOST_SIDE or width * height > MOST_PIXELS:
        raise _refused(
            f"mide {width} × {height} puntos: redúzcalo, p. ej. a 600 de ancho (cada lado hasta {MOST_SIDE})"
        )


# JPEG


def _jpeg(content: bytes) -> Image:
    if not content.rstrip(b"\0\r\n ").endswith(b"\xff\xd9"):
        raise _refused("está incompleto: el JPEG no tiene final")
    for marker, body in _segments(content):
        if marker in _OTHER_FRAMES:
            raise _refused("es un JPEG de un tipo poco común: guárdelo de nuevo como JPEG corriente o PNG")
        if marker in _FRAMES:
            return _framed(content, body)
    raise _refused("no se puede leer: el JPEG no dice cuánto mide")


def _framed(content: bytes, body: bytes) -> Image:
    if len(body) < 6:
        raise _refused("no se puede leer: el JPEG está dañado")
    depth, height, width, channels = struct.unpack(">BHHB", body[:6])
    _check_size(width, height)
    if depth != 8 or channels not in (1, 3):
        raise _refused("no está en RGB ni en grises: guárdelo en RGB, de 8 bits por color")
    return Image(width=width, height=height, channels=channels, is_jpeg=True, data=content)


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The segments of a JPEG up to its picture."""
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:  # a filler
            at += 1
            continue
        if marker in (_START_OF_SCAN, _END):
            return
        (length,) = struct.unpack(">H", content[at + 2 : at + 4])
        if length < 2:
            return
        yield marker, content[at + 4 : at + 2 + length]
        at += 2 + length


# PNG


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG)
    while at + 12 <= len(content):
        length, name = struct.unpack(">I4s", content[at : at + 8])
        end = at + 8 + length
        body = content[at + 8 : end]
        if end + 4 > len(content) or struct.unpack(">I", content[end : end + 4])[0] != zlib.crc32(
            name + body
        ):
            raise _refused("no se puede leer: el PNG está dañado o incompleto")
        yield name, body
        if name == b"IEND":
            return
        at = end + 4
    raise _refused("no se puede leer: el PNG está dañado o incompleto")


def _header(body: bytes) -> tuple[int, int, int, int, int]:
    """Width, height, bits of a channel, kind of colour, interlacing."""
    if len(body) != 13:
        raise _refused("no se puede leer: el PNG está dañado")
    width, height, depth, kind, compression, filtering, interlaced = struct.unpack(">IIBBBBB", body)
    if kind not in _DEPTHS or depth not in _DEPTHS[kind] or compression or filtering or interlaced > 1:
        raise _refused("no se puede leer: el PNG está dañado")
    return width, height, depth, kind, interlaced


def _flat(content: bytes) -> tuple[int, int, int, bytes]:
    """Width, height and channels of a PNG on white, and its pixels, a byte for each channel."""
    chunks: dict[bytes, bytes] = {}
    for name, body in _chunks(content):
        chunks[name] = chunks.get(name, b"") + body if name == b"IDAT" else body
    if next(iter(chunks)) != b"IHDR" or b"IDAT" not in chunks:
        raise _refused("no se puede leer: el PNG está dañado")
    width, height, depth, kind, interlaced = _header(chunks[b"IHDR"])
    _check_size(width, height)
    if interlaced:
        raise _refused("es un PNG entrelazado: guárdelo sin entrelazar")
    if kind != _PALETTE and b"tRNS" in chunks:
        raise _refused(
            "usa un color como transparente: guárdelo con fondo blanco o con transparencia corriente"
        )
    bits = depth * _CHANNELS[kind]
    stride = (width * bits + 7) // 8
    rows = _rows(_inflated(chunks[b"IDAT"], (stride + 1) * height), stride, max(1, bits // 8))
    samples = b"".join(_samples(row, depth, width * _CHANNELS[kind]) for row in rows)
    if kind == _PALETTE:
        return width, height, 3, _coloured(samples, chunks.get(b"PLTE", b""), chunks.get(b"tRNS", b""))
    if depth < 8:
        samples = samples.translate(_stretched(depth))
    if kind in (_GREY_ALPHA, _COLOUR_ALPHA):
        channels = _CHANNELS[kind] - 1
        return width, height, channels, _on_white(samples, channels)
    return width, height, _CHANNELS[kind], samples


def _inflated(data: bytes, size: int) -> bytes:
    """The rows. No more is unpacked than there can be, whatever the file holds."""
    try:
        found = zlib.decompressobj().decompress(data, size)
    except zlib.error as cause:
        raise _refused("no se puede leer: el PNG está dañado") from cause
    if len(found) != size:
        raise _refused("no se puede leer: el PNG está incompleto")
    return found


def _rows(data: bytes, stride: int, step: int) -> Iterator[bytes]:
    """The rows without their filters. ``step``: the bytes of a pixel."""
    above = bytes(stride)
    for start in range(0, len(data), stride + 1):
        kind, row = data[start], bytearray(data[start + 1 : start + 1 + stride])
        if kind > _LAST_FILTER:
            raise _refused("no se puede leer: el PNG está dañado")
        if kind:
            for n, high in enumerate(above):
                left, corner = (row[n - step], above[n - step]) if n >= step else (0, 0)
                row[n] = (row[n] + _guess(kind, left, high, corner)) & 0xFF
        above = bytes(row)
        yield above


def _guess(kind: int, left: int, high: int, corner: int) -> int:
    """What a filter takes a byte to be, by the one at its left, the one above, and the one above the left one."""
    if kind == 1:
        return left
    if kind == 2:
        return high
    if kind == 3:
        return (left + high) // 2
    return min((left, high, corner), key=lambda each: abs(left + high - corner - each))


def _samples(row: bytes, depth: int, count: int) -> bytes:
    """A byte for each sample of a row; of samples of 16 bits, the higher one."""
    if depth == 8:
        return row
    if depth == 16:
        return row[::2]
    mask = (1 << depth) - 1
    return bytes((row[n * depth // 8] >> (8 - depth - n * depth % 8)) & mask for n in range(count))


def _stretched(depth: int) -> bytes:
    """The shades of grey of so many bits as those of eight: a table for ``bytes.translate``."""
    most = (1 << depth) - 1
    return bytes(min(n, most) * 255 // most for n in range(256))


def _coloured(samples: bytes, palette: bytes, opacity: bytes) -> bytes:
    """The colours that samples name in a palette, on white."""
    if not palette or len(palette) % 3 or (max(samples) + 1) * 3 > len(palette):
        raise _refused("no se puede leer: la paleta del PNG está dañada")
    colours = [palette[n : n + 3] for n in range(0, len(palette), 3)]
    on_white = [
        _on_white(colour + bytes([opacity[n] if n < len(opacity) else 255]), 3)
        for n, colour in enumerate(colours)
    ]
    return b"".join(map(on_white.__getitem__, samples))


def _on_white(samples: bytes, channels: int) -> bytes:
    """Pixels whose last sample is their opacity, on white."""
    step = channels + 1
    found = bytearray(len(samples) // step * channels)
    opacity = samples[channels::step]
    for n in range(channels):
        found[n::channels] = bytes(
            255 - (255 - value) * alpha // 255 for value, alpha in zip(samples[n::step], opacity, strict=True)
        )
    return bytes(found)


def _written(width: int, height: int, channels: int, pixels: bytes) -> bytes:
    """A PNG of eight bits a channel, its rows without filters."""
    stride = width * channels
    rows = b"".join(b"\0" + pixels[start : start + stride] for start in range(0, len(pixels), stride))
    header = struct.pack(">IIBBBBB", width, height, 8, _GREY if channels == 1 else _COLOUR, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return _PNG + b"".join(map(_chunk, chunks))


def _chunk(named: tuple[bytes, bytes]) -> bytes:
    name, body = named
    return struct.pack(">I4s", len(body), name) + body + struct.pack(">I", zlib.crc32(name + body))
