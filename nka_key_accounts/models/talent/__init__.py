from . import hr_job
