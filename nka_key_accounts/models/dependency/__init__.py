from . import nka_dependency
from . import nka_dependency_plan
from . import nka_key_account
from . import nka_kpi
from . import nka_stakeholder
