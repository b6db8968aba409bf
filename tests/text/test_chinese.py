"""chinese_tokenizer: words of Chinese, quietly and without shared state."""

import logging
import pickle
import subprocess
import sys

import pandas as pd
import pytest
from sklearn.svm import LinearSVC

from mmclassic.persistence import load, save
from mmclassic.text import TfidfVectorizer, chinese_tokenizer

QUIET = """
import logging, sys, warnings
warnings.simplefilter("error")
from mmclassic.text import chinese_tokenizer
assert "jieba" not in sys.modules
assert chinese_tokenizer("服务不错") == ["服务", "不错"]
"""


def test_words_are_found_in_order():
    assert chinese_tokenizer("距离川沙公路较近，但是公交指示不对") == [
        "距离",
        "川沙",
        "公路",
        "较近",
        "但是",
        "公交",
        "指示",
        "不",
        "对",
    ]


def test_white_space_and_punctuation_are_no_words():
    assert chinese_tokenizer(" 很好！\n\t。 ok 3.5 ") == ["很", "好", "ok", "3.5"]


@pytest.mark.parametrize("text", ["", " ", "。！？"])
def test_a_text_without_words_has_none(text):
    assert chinese_tokenizer(text) == []


def test_it_pickles_as_a_function_by_name():
    assert pickle.loads(pickle.dumps(chinese_tokenizer)) is chinese_tokenizer


def test_the_first_use_in_a_process_is_silent_and_leaves_no_file(tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", QUIET],
        capture_output=True,
        text=True,
        env={"TMPDIR": str(tmp_path), "PYTHONPYCACHEPREFIX": str(tmp_path / "cache")},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not list(tmp_path.glob("jieba*"))


def test_words_that_other_code_adds_do_not_change_it():
    import jieba

    jieba.setLogLevel(logging.WARNING)
    before = chinese_tokenizer("服务不错")
    jieba.add_word("服务不错")
    try:
        assert chinese_tokenizer("服务不错") == before
    finally:
        jieba.del_word("服务不错")


def test_without_jieba_the_error_has_the_pip_line(monkeypatch):
    monkeypatch.setattr("mmclassic.text._chinese._segmenter", None)
    monkeypatch.setitem(sys.modules, "jieba", None)
    with pytest.raises(ImportError, match=r"pip install 'mmclassic\[chinese\]'"):
        chinese_tokenizer("很好")


def test_a_vectorizer_with_it_comes_back_from_a_file(tmp_path):
    vectorizer = TfidfVectorizer(tokenizer=chinese_tokenizer, token_pattern=None)
    vectorizer.fit(["房间很大", None, "服务不错"])
    save(vectorizer, tmp_path / "chinese.skops")
    again = load(tmp_path / "chinese.skops")
    assert again.tokenizer is chinese_tokenizer
    assert list(again.get_feature_names_out()) == ["不错", "很大", "房间", "服务"]


def test_hotel_reviews_by_words_reach_86_percent_with_half_the_training_rows(
    data_folder,
):
    table = pd.read_csv(data_folder / "text" / "chnsenticorp.csv.gz")
    train, test = (table[table["split"] == split] for split in ("train", "test"))
    train = train.iloc[::2]
    vectorizer = TfidfVectorizer(
        tokenizer=chinese_tokenizer, token_pattern=None, sublinear_tf=True
    )
    classifier = LinearSVC(C=0.3, random_state=0)
    classifier.fit(vectorizer.fit_transform(train["text"]), train["label"])
    score = classifier.score(vectorizer.transform(test["text"]), test["label"])
    assert score >= 0.86
