from . import nka_departure
from . import nka_hire_or_grow
from . import nka_hire_or_grow_way
from . import nka_manager_start
from . import nka_manager_start_cost
from . import nka_manager_start_item
from . import nka_manager_start_offer
from . import nka_manager_start_offer_line
