from . import hr_job
from . import nka_manager_start
