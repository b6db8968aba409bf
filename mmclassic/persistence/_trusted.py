"""The types that a model file may name, each by its exact name.

A prefix would not do: it lets through whatever a module of that name merely imports.
"""

__all__ = ["TRUSTED"]

OURS = (
    "mmclassic._feature_union.FeatureUnion",
    "mmclassic._table_columns.category_columns",
    "mmclassic._table_columns.number_columns",
    "mmclassic._wide_linear_svc.WideLinearSVC",
    "mmclassic.audio._mfcc.MFCC",
    "mmclassic.encoding._bag_of_words.BagOfWords",
    "mmclassic.encoding._fisher_vector.FisherVector",
    "mmclassic.encoding._statistics_pooling.StatisticsPooling",
    "mmclassic.encoding._vlad.VLAD",
    "mmclassic.fusion._answers.VaryingOutputs",
    "mmclassic.fusion._block_scaler.BlockScaler",
    "mmclassic.fusion._calibration.ScoreCalibrator",
    "mmclassic.fusion._common_size.CanonicalAxes",
    "mmclassic.fusion._early.EarlyFusion",
    "mmclassic.fusion._kernel_classifier.KernelFusionClassifier",
    "mmclassic.fusion._late_classifier.LateFusionClassifier",
    "mmclassic.fusion._late_regressor.LateFusionRegressor",
    "mmclassic.fusion._row_kernel.PartScorer",
    "mmclassic.image._color_histogram.ColorHistogram",
    "mmclassic.image._dense_sift.DenseSIFT",
    "mmclassic.image._hog.HOG",
    "mmclassic.image._local_color.LocalColor",
    "mmclassic.image._sift.SIFT",
    "mmclassic.image._text_reader.TextReader",
    "mmclassic.retrieval._matcher.CrossModalMatcher",
    "mmclassic.retrieval._retriever.CrossModalRetriever",
    "mmclassic.summarization._summarizer.VideoSummarizer",
    "mmclassic.text._chinese.chinese_tokenizer",
    "mmclassic.text._tfidf.TfidfVectorizer",
    "mmclassic.text._word2vec.Word2VecVectorizer",
    "mmclassic.transcription._speech.SpeechTranscriber",
    "mmclassic.transcription._word_recognizer.WordRecognizer",
    "mmclassic.video._frame_pooling.FramePooling",
)

# What scikit-learn's own estimators hold once fitted, and skops leaves to us. The
# content of trees and sparse matrices is checked in _checks.py before the model is
# returned.
SCIKIT_LEARN = (
    "numpy.dtype",
    "scipy.sparse._csc.csc_array",
    "scipy.sparse._csc.csc_matrix",
    "scipy.sparse._csr.csr_array",
    "scipy.sparse._csr.csr_matrix",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.calibration._TemperatureScaling",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
    "sklearn.utils._bunch.Bunch",
)

TRUSTED = OURS + SCIKIT_LEARN
