"""What people write today: features by four libraries, once, then a loop over folds.

``python -m benchmarks.plain_script TABLE.csv`` scores the stamps' table, or any with
columns text, image, audio (or speech_fr), label and fold.
"""

import sys
from pathlib import Path

import cv2
import librosa
import numpy as np
import pandas as pd
from skimage import color, feature, io, transform
from sklearn.cluster import MiniBatchKMeans
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import StandardScaler, normalize
from sklearn.svm import LinearSVC

N_WORDS = 256


def evaluate(table: pd.DataFrame) -> dict[str, float]:
    """Score each modality alone and all of them, concatenated.

    The visual words are learned from all pictures before the folds are made, as such
    scripts do: what is tested has been seen.

    Parameters
    ----------
    table : DataFrame of shape (n_samples, 5)
        Columns text, image and audio (paths), label and fold.

    Returns
    -------
    dict of str to float
        Mean accuracy over the folds.
    """
    shapes = np.array([describe_shape(path) for path in table["image"]])
    words = count_visual_words(table["image"])
    sounds = np.array([describe_sound(path) for path in table["audio"]])
    labels = table["label"].to_numpy()
    scores: dict[str, list[float]] = {}
    for fold in sorted(table["fold"].unique()):
        test = (table["fold"] == fold).to_numpy()
        vectorizer = TfidfVectorizer().fit(table["text"][~test])
        scaler = StandardScaler().fit(sounds[~test])
        blocks = {
            "text": vectorizer.transform(table["text"]).toarray(),
            "image": np.hstack([normalize(shapes), words]),
            "audio": normalize(scaler.transform(sounds)),
        }
        blocks["early"] = np.hstack(list(blocks.values()))
        for name, block in blocks.items():
            svm = LinearSVC(random_state=0).fit(block[~test], labels[~test])
            score = svm.score(block[test], labels[test])
            scores.setdefault(name, []).append(score)
    return {name: float(np.mean(values)) for name, values in scores.items()}


def describe_shape(path: str) -> np.ndarray:
    """Return scikit-image's HOG of a picture, grey, of 128 x 128 pixels."""
    image = io.imread(path)
    if image.ndim == 2:
        image = color.gray2rgb(image)
    if image.shape[-1] == 4:
        image = color.rgba2rgb(image)
    return feature.hog(color.rgb2gray(transform.resize(image, (128, 128))))


def count_visual_words(paths: pd.Series) -> np.ndarray:
    """Return histograms of OpenCV's SIFT descriptors over words of k-means."""
    sift = cv2.SIFT_create()
    descriptors = []
    for path in paths:
        _, found = sift.detectAndCompute(cv2.imread(path, cv2.IMREAD_GRAYSCALE), None)
        descriptors.append(np.empty((0, 128), np.float32) if found is None else found)
    kmeans = MiniBatchKMeans(N_WORDS, random_state=0).fit(np.vstack(descriptors))
    histograms = np.zeros((len(descriptors), N_WORDS))
    for histogram, found in zip(histograms, descriptors, strict=True):
        if len(found):
            histogram += np.bincount(kmeans.predict(found), minlength=N_WORDS)
    return normalize(histograms)


def describe_sound(path: str) -> np.ndarray:
    """Return mean and standard deviation of librosa's MFCC."""
    samples, rate = librosa.load(path)
    frames = librosa.feature.mfcc(y=samples, sr=rate)
    return np.concatenate([frames.mean(axis=1), frames.std(axis=1)])


def main(path: Path) -> None:
    """Print the scores of a table, whose paths are relative to it."""
    table = pd.read_csv(path).rename(columns={"speech_fr": "audio"})
    for column in ("image", "audio"):
        table[column] = [str(path.parent / cell) for cell in table[column]]
    for name, score in evaluate(table).items():
        print(f"{name:<6} {100 * score:.1f}")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
