"""load_image against Pillow, over formats, depths, alpha and orientation."""

import io
import pickle
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from mmclassic.exceptions import MediaError
from mmclassic.media import load_image

HEIGHT, WIDTH = 30, 40


@pytest.fixture(scope="module")
def rgb() -> np.ndarray:
    noise = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return cv2.resize(noise, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)


@pytest.fixture(scope="module")
def rgba(rgb) -> np.ndarray:
    alpha = np.linspace(0, 255, HEIGHT * WIDTH).reshape(HEIGHT, WIDTH)
    return np.dstack([rgb, alpha.astype(np.uint8)])


def encode(image: Image.Image, file_format: str, **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, file_format, **options)
    return stream.getvalue()


def by_pillow(data: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Return RGB over white and alpha, upright, as Pillow makes them."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    white.alpha_composite(image)
    return np.asarray(white)[:, :, :3].astype(int), np.asarray(image)[:, :, 3]


def assert_close(image: np.ndarray, expected: np.ndarray, tolerance: int = 1) -> None:
    assert image.dtype == np.uint8
    assert image.shape == expected.shape
    assert np.abs(image.astype(int) - expected.astype(int)).max() <= tolerance


def png(header: bytes, rows: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """Return a PNG of raw rows, each of which begins with its filter byte."""
    parts = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body))
        + kind
        + body
        + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )


@pytest.mark.parametrize(
    ("file_format", "mode", "options"),
    [
        ("PNG", "RGB", {}),
        ("PNG", "L", {}),
        ("PNG", "P", {}),
        ("PNG", "1", {}),
        ("JPEG", "RGB", {}),
        ("JPEG", "L", {}),
        ("JPEG", "CMYK", {"quality": 95}),
        ("JPEG", "RGB", {"progressive": True}),
        ("GIF", "P", {}),
        ("BMP", "RGB", {}),
        ("BMP", "L", {}),
        ("BMP", "P", {}),
        ("BMP", "1", {}),
        ("WEBP", "RGB", {}),
        ("WEBP", "RGB", {"lossless": True}),
        ("TIFF", "RGB", {}),
        ("TIFF", "L", {}),
        ("TIFF", "P", {}),
        ("TIFF", "1", {}),
        ("TIFF", "CMYK", {}),
        ("TIFF", "RGB", {"compression": "tiff_lzw"}),
        ("TIFF", "RGB", {"compression": "tiff_deflate"}),
        ("TIFF", "RGB", {"compression": "packbits"}),
    ],
)
def test_opaque_files_equal_pillow(rgb, file_format, mode, options):
    data = encode(Image.fromarray(rgb).convert(mode), file_format, **options)
    image, mask = load_image(data, with_mask=True)
    assert mask is None
    assert_close(image, by_pillow(data)[0])


@pytest.mark.parametrize(
    ("file_format", "mode", "options"),
    [
        ("PNG", "RGBA", {}),
        ("PNG", "LA", {}),
        ("WEBP", "RGBA", {"lossless": True}),
        ("WEBP", "RGBA", {"quality": 90}),
        ("TIFF", "RGBA", {}),
        ("TIFF", "RGBA", {"compression": "tiff_lzw"}),
    ],
)
@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_alpha_is_composed_over_white(rgba, file_format, mode, options, orientation):
    exif = Image.Exif()
    exif[274] = orientation
    source = Image.fromarray(rgba).convert(mode)
    data = encode(source, file_format, exif=exif, **options)
    image, mask = load_image(data, with_mask=True)
    expected, alpha = by_pillow(data)
    assert_close(image, expected, tolerance=2)
    np.testing.assert_array_equal(mask, alpha >= 128)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_every_exif_orientation_is_upright(rgba, file_format, orientation, mode):
    if (file_format, mode) == ("JPEG", "RGBA"):
        mode = "L"
    exif = Image.Exif()
    exif[274] = orientation
    options = {"lossless": True} if file_format == "WEBP" else {}
    source = Image.fromarray(rgba).convert(mode)
    data = encode(source, file_format, exif=exif, **options)
    assert_close(load_image(data), by_pillow(data)[0])
    assert load_image(data, mode="grey").shape == load_image(data).shape[:2]


@pytest.mark.parametrize("file_format", ["PNG", "GIF"])
def test_a_transparent_palette_entry_becomes_white(rgb, file_format):
    source = Image.fromarray(rgb).convert("P")
    index = int(np.asarray(source)[0, 0])
    data = encode(source, file_format, transparency=index)
    image, mask = load_image(data, with_mask=True)
    expected, alpha = by_pillow(data)
    assert_close(image, expected)
    np.testing.assert_array_equal(mask, alpha >= 128)
    assert 0 < mask.sum() < mask.size
    assert (image[~mask] == 255).all()


def test_a_palette_with_alpha_of_each_entry_is_composed(rgb):
    source = Image.fromarray(rgb).convert("P")
    data = encode(source, "PNG", transparency=bytes(range(256)))
    assert_close(load_image(data), by_pillow(data)[0])


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_transparent_colour_of_a_png_becomes_white(rgb, mode):
    source = Image.fromarray(rgb).convert(mode)
    first = np.asarray(source)[0, 0]
    key = int(first) if mode == "L" else tuple(int(value) for value in first)
    data = encode(source, "PNG", transparency=key)
    image, mask = load_image(data, with_mask=True)
    assert_close(image, by_pillow(data)[0])
    assert not mask[0, 0]


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_a_transparent_grey_below_8_bits_becomes_white(depth):
    # Two pixels: the transparent level 1, and level 0.
    row = bytes([0, 1 << (8 - depth)])
    header = struct.pack(">IIBBBBB", 2, 1, depth, 0, 0, 0, 0)
    image, mask = load_image(png(header, row, (b"tRNS", b"\0\1")), with_mask=True)
    assert image[0].tolist() == [[255, 255, 255], [0, 0, 0]]
    assert mask.tolist() == [[False, True]]


def test_a_transparent_grey_of_16_bits_is_compared_in_16_bits():
    header = struct.pack(">IIBBBBB", 2, 1, 16, 0, 0, 0, 0)
    row = b"\0" + struct.pack(">HH", 1000, 1001)
    data = png(header, row, (b"tRNS", struct.pack(">H", 1000)))
    image, mask = load_image(data, mode="grey", with_mask=True)
    assert image.tolist() == [[255, 4]]
    assert mask.tolist() == [[False, True]]


@pytest.mark.parametrize("file_format", [".png", ".tiff"])
@pytest.mark.parametrize("n_channels", [1, 3, 4])
def test_16_bits_are_reduced_to_8(rgba, file_format, n_channels):
    wide = rgba[:, :, :n_channels].astype(np.uint16) * 257
    swapped = wide if n_channels == 1 else wide[:, :, [2, 1, 0, 3][:n_channels]]
    data = cv2.imencode(file_format, swapped)[1].tobytes()
    image = load_image(data)
    assert_close(image, load_image(wide))


def test_a_float_tiff_is_read_as_an_array_is():
    values = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)
    data = encode(Image.fromarray(values), "TIFF")
    np.testing.assert_array_equal(load_image(data), load_image(values))
    with pytest.raises(MediaError, match=r"from 0 to 2; .* in \[0, 1\]"):
        load_image(encode(Image.fromarray(values * 2), "TIFF"))


def test_a_grey_tiff_with_alpha_is_refused_with_a_remedy(rgba):
    data = encode(Image.fromarray(rgba).convert("LA"), "TIFF")
    with pytest.raises(MediaError, match="Convert it to png"):
        load_image(data)


@pytest.mark.parametrize("file_format", ["GIF", "PNG", "WEBP"])
def test_an_animation_gives_its_first_frame(rgb, file_format):
    options = {"lossless": True} if file_format == "WEBP" else {}
    frames = [Image.fromarray(rgb), Image.fromarray(255 - rgb)]
    data = encode(
        frames[0], file_format, save_all=True, append_images=frames[1:], **options
    )
    assert_close(load_image(data), by_pillow(data)[0])


def test_the_grey_of_a_jpeg_is_what_opencv_decodes(rgb):
    for mode in ("RGB", "L"):
        data = encode(Image.fromarray(rgb).convert(mode), "JPEG")
        expected = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
        np.testing.assert_array_equal(load_image(data, mode="grey"), expected)


def test_grey_pictures_become_rgb_on_request(rgb):
    grey = rgb[:, :, 0]
    image = load_image(grey)
    np.testing.assert_array_equal(image, np.dstack([grey] * 3))
    np.testing.assert_array_equal(load_image(grey, mode="grey"), grey)


def test_every_kind_of_cell_gives_the_same_picture(tmp_path, rgb):
    path = tmp_path / "a picture.png"
    Image.fromarray(rgb).save(path)
    data = path.read_bytes()
    cells = [
        path,
        str(path),
        data,
        bytearray(data),
        memoryview(data),
        rgb,
        rgb.tolist(),
        Image.open(path),
        Image.fromarray(rgb),
        {"bytes": data, "path": "gone.png"},
        {"bytes": None, "path": str(path)},
        {"array": rgb},
    ]
    for cell in cells:
        np.testing.assert_array_equal(load_image(cell), rgb)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "HSV"])
def test_pil_images_of_every_mode_are_read(rgba, mode):
    source = Image.fromarray(rgba).convert("RGB" if mode == "HSV" else "RGBA")
    source = source.convert(mode)
    image, mask = load_image(source, with_mask=True)
    white = Image.new("RGBA", source.size, "white")
    white.alpha_composite(source.convert("RGBA"))
    assert_close(image, np.asarray(white)[:, :, :3])
    assert (mask is not None) == (mode in ("LA", "P", "RGBA"))


def test_pil_images_of_16_bits_are_read(rgb):
    wide = rgb[:, :, 0].astype(np.uint16) * 257
    for image in (Image.fromarray(wide), Image.fromarray(wide.astype(np.int32))):
        np.testing.assert_array_equal(load_image(image, mode="grey"), rgb[:, :, 0])


def test_an_opened_pil_image_is_turned_as_its_file_is(rgb):
    exif = Image.Exif()
    exif[274] = 6
    data = encode(Image.fromarray(rgb), "PNG", exif=exif)
    opened = Image.open(io.BytesIO(data))
    np.testing.assert_array_equal(load_image(opened), load_image(data))


@pytest.mark.parametrize(
    ("array", "grey"),
    [
        (np.array([[False, True]]), [[0, 255]]),
        (np.array([[0, 65535]], np.uint16), [[0, 255]]),
        (np.array([[0, 65535]], ">u2"), [[0, 255]]),
        (np.array([[0.0, 0.5, 1.0]]), [[0, 128, 255]]),
        (np.array([[0.0, 1.0]], np.float16), [[0, 255]]),
        (np.array([[0, 255]], np.int64), [[0, 255]]),
        (np.array([[[7], [8]]], np.uint8), [[7, 8]]),
        (np.array([[9]], np.uint8), [[9]]),
    ],
)
def test_arrays_of_every_dtype_are_scaled_to_8_bits(array, grey):
    image = load_image(array, mode="grey")
    assert image.dtype == np.uint8
    assert image.tolist() == grey


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_alpha_of_an_array_is_composed_exactly(dtype):
    full = np.iinfo(dtype).max
    rgba = np.random.default_rng(0).integers(0, full + 1, (50, 50, 4), dtype=dtype)
    color, alpha = rgba[:, :, :3] / full, rgba[:, :, 3:] / full
    expected = (color * alpha + 1 - alpha) * 255
    image, mask = load_image(rgba, with_mask=True)
    assert np.abs(image - expected).max() <= 0.51
    np.testing.assert_array_equal(mask, alpha[:, :, 0] >= 0.5)


def test_a_view_of_an_array_is_read_without_touching_it(rgb):
    before = rgb.copy()
    image = load_image(rgb[::-1, ::2])
    np.testing.assert_array_equal(image, before[::-1, ::2])
    assert image.flags.c_contiguous
    np.testing.assert_array_equal(rgb, before)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((0, 4, 3), np.uint8), "has no pixels"),
        (np.zeros((4, 0), np.uint8), "has no pixels"),
        (np.zeros(4, np.uint8), r"shape \(4,\); a picture is of shape"),
        (np.zeros((3, 5, 6), np.uint8), r"Move the channels last"),
        (np.zeros((2, 5, 6, 3), np.uint8), r"a picture is of shape"),
        (np.full((2, 2), 255.0), r"from 255 to 255; .* \[0, 1\]"),
        (np.full((2, 2), -0.1), r"Scale them to \[0, 1\]"),
        (np.array([[0.5, np.nan]]), "holds 1 of 2 values that are NaN"),
        (np.full((2, 2), 256), r"\[0, 255\]. Scale them"),
        (np.array([["a"]]), "a picture is of bool, integers or floats"),
        (np.array([[1j]]), "a picture is of bool, integers or floats"),
    ],
)
def test_arrays_that_are_no_picture_are_refused(array, message):
    with pytest.raises(MediaError, match=message):
        load_image(array)


@pytest.mark.parametrize(
    ("file_format", "options"),
    [
        ("PNG", {}),
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("GIF", {}),
        ("BMP", {}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
    ],
)
@pytest.mark.parametrize("mode", ["rgb", "grey"])
def test_a_truncated_file_is_an_error(capfd, rgb, file_format, options, mode):
    data = encode(Image.fromarray(rgb), file_format, **options)
    for n_bytes in {12, 30, len(data) // 2, len(data) - 20, len(data) - 3}:
        with pytest.raises(MediaError, match="cut short|ends early|can't be decoded"):
            load_image(data[:n_bytes], mode=mode)
    assert capfd.readouterr().err == ""


def test_a_truncated_jpeg_with_a_whole_thumbnail_is_an_error(rgb):
    thumbnail = encode(Image.fromarray(rgb).resize((8, 6)), "JPEG")
    comment = b"\xff\xe1" + struct.pack(">H", 2 + len(thumbnail)) + thumbnail
    data = encode(Image.fromarray(rgb), "JPEG")
    data = data[:2] + comment + data[2:]
    assert_close(load_image(data), by_pillow(data)[0])
    with pytest.raises(MediaError, match="cut short"):
        load_image(data[:-40])


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"])
def test_damaged_bytes_never_raise_anything_but_media_error(rgba, file_format):
    mode = "RGB" if file_format == "JPEG" else "RGBA"
    data = encode(Image.fromarray(rgba).convert(mode), file_format)
    rng = np.random.default_rng(0)
    n_errors = 0
    for _ in range(150):
        damaged = bytearray(data)
        for position in rng.integers(4, min(len(data), 400), 4):
            damaged[position] = rng.integers(256)
        try:
            load_image(bytes(damaged), max_pixels=10**6)
        except MediaError:
            n_errors += 1
    assert n_errors


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"])
def test_too_many_pixels_are_refused_before_decoding(monkeypatch, rgb, file_format):
    data = encode(Image.fromarray(rgb), file_format)
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("it was decoded"))
    message = "has 40x30 = 1200 pixels, more than max_pixels=1199. Raise max_pixels"
    with pytest.raises(MediaError, match=message):
        load_image(data, max_pixels=1199)


def test_the_pixel_limit_holds_for_arrays_and_pil_images(rgb):
    for cell in (rgb, Image.fromarray(rgb)):
        with pytest.raises(MediaError, match="more than max_pixels=1199"):
            load_image(cell, max_pixels=1199)
        assert load_image(cell, max_pixels=1200).shape == (30, 40, 3)
        assert load_image(cell, max_pixels=None).shape == (30, 40, 3)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", r"0 bytes is empty"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "holds wav sound, not a picture"),
        ("déjà vu, in words".encode(), "holds text, not a picture"),
        (b"\x00\x01\x02\x03 junk \xfe", "holds unknown data, not a picture"),
        (b"%PDF-1.7", "holds a PDF document"),
        (b"\x89PNG\r\n\x1a\n", "begins as a PNG picture does, but the header"),
        (b"\xff\xd8\xff\xd9", "begins as a JPEG picture does, but the JPEG holds no"),
    ],
)
def test_what_is_no_picture_is_named(data, message):
    with pytest.raises(MediaError, match=message):
        load_image(data)


def test_a_sound_named_as_a_picture_is_named_with_its_path(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"RIFF\x24\0\0\0WAVEfmt " + bytes(20))
    with pytest.raises(MediaError, match=r"^'.*a\.png' holds wav sound"):
        load_image(path)


@pytest.mark.parametrize("cell", [7, 2.5, None, object(), {}, ["a", "b"]])
def test_a_cell_of_another_kind_is_refused(cell):
    with pytest.raises(MediaError):
        load_image(cell)


def test_the_message_for_another_type_says_what_a_cell_may_hold():
    with pytest.raises(MediaError, match="^An int is not a picture. A cell may hold"):
        load_image(7)


def test_a_closed_pil_image_is_a_media_error(tmp_path, rgb):
    path = tmp_path / "a.png"
    Image.fromarray(rgb).save(path)
    image = Image.open(path)
    image.close()
    with pytest.raises(MediaError, match="can't be read by Pillow"):
        load_image(image)


def test_what_opencv_raises_is_chained(monkeypatch, rgb):
    def fail(*_):
        raise cv2.error("no memory")

    data = encode(Image.fromarray(rgb), "PNG")
    monkeypatch.setattr(cv2, "imdecode", fail)
    with pytest.raises(MediaError, match="can't be decoded") as caught:
        load_image(data)
    assert isinstance(caught.value.__cause__, cv2.error)


def test_parameters_out_of_range_are_refused(rgb):
    with pytest.raises(ValueError, match="'mode' parameter of load_image .* 'gray'"):
        load_image(rgb, mode="gray")
    with pytest.raises(ValueError, match=r"'max_pixels' .* Got 0 instead"):
        load_image(rgb, max_pixels=0)


def test_the_function_pickles():
    assert pickle.loads(pickle.dumps(load_image)) is load_image


def test_threads_load_what_one_thread_loads(rgba):
    files = [encode(Image.fromarray(rgba[n:]), "PNG") for n in range(20)]
    expected = [load_image(data) for data in files]
    with ThreadPoolExecutor(4) as pool:
        for image, alone in zip(pool.map(load_image, files), expected, strict=True):
            np.testing.assert_array_equal(image, alone)


def test_a_chunk_that_states_a_huge_length_is_refused_before_decoding(
    monkeypatch, rgba
):
    # OpenCV allocates what the chunk states, here 2.4 GB.
    data = bytearray(encode(Image.fromarray(rgba), "PNG"))
    data[data.index(b"IDAT") - 4] = 0x93
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("it was decoded"))
    with pytest.raises(MediaError, match="cut short"):
        load_image(bytes(data))


def test_real_pictures_load_and_equal_pillow(data_folder: Path):
    paths = sorted(data_folder.glob("scene15/**/*.jpg"))[::150]
    paths += sorted(data_folder.glob("flickr8k/**/*.jpg"))[::50]
    paths += sorted(data_folder.glob("stamps/**/*.png"))[::10]
    assert len(paths) > 80
    for path in paths:
        assert_close(load_image(path), by_pillow(path.read_bytes())[0])
        if path.suffix == ".jpg":
            expected = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
            np.testing.assert_array_equal(load_image(path, mode="grey"), expected)


def test_every_byte_under_every_alpha_is_rounded_rightly():
    colour, alpha = np.meshgrid(np.arange(256), np.arange(256), indexing="ij")
    exact = (2 * (colour * alpha + 255 * (255 - alpha)) + 255) // 510
    rgba = np.dstack([colour, colour, colour, alpha]).astype(np.uint8)
    image = load_image(rgba)
    np.testing.assert_array_equal(image[:, :, 0], exact)
    # Not contiguous, as an orientation leaves it.
    turned = load_image(rgba.swapaxes(0, 1))
    np.testing.assert_array_equal(turned[:, :, 1], exact.T)
