from . import nka_demo
