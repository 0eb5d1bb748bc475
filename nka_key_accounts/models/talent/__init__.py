from . import nka_departure
from . import nka_manager_start
from . import nka_manager_start_item
