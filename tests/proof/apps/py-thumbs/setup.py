from setuptools import Extension, setup

setup(
    name="thumbs",
    version="1.0",
    py_modules=["server"],
    ext_modules=[Extension("fasthash", sources=["ext/fasthash.c"], libraries=["z"])],
)
