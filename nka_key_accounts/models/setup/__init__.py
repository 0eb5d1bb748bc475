from . import nka_settings_mixin
from . import nka_settings
from . import res_config_settings
