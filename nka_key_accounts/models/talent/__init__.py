from . import nka_manager_start
