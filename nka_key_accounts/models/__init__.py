# One folder per room; a room calls only the rooms imported before it.
from . import trail
from . import accounts
from . import leads
from . import reports
from . import pay
from . import payroll
from . import close
from . import demo
from . import documents
from . import day
