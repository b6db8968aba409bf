"""Pure numpy, scipy and OpenCV functions behind the descriptors."""
